import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { scratchFolder } from './run-command.ts'

/** A pipe that nobody reads. */
export interface UnreadPipe {
  /** What a program is given as its output. */
  readonly end: number
  /** Lets go of this process's ends: the pipe has no reader any more. */
  leave(): void
}

/** A real pipe of the system, unlike the pairs of sockets that Node gives its children; gone after the test. */
export async function unreadPipe(): Promise<UnreadPipe> {
  const path = join(await scratchFolder(), 'pipe')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const end = openSync(path, constants.O_WRONLY)
  let isOpen = true
  const leave = () => {
    if (!isOpen) return
    isOpen = false
    closeSync(reader)
    closeSync(end)
  }
  onTestFinished(leave)
  return { end, leave }
}
