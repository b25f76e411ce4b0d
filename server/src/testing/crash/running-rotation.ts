import { setTimeout as wait } from 'node:timers/promises'
import type { CommandInstance, Ran } from '../run-command.ts'
import { ended } from '../run-command.ts'

/** One that says nothing for so long waits for servers to notice its keys. */
const SILENT_MS = 250

/** A rotation in a process of its own. */
export interface RunningRotation {
  /**
   * Resolves once it has said this many lines more (that it began, added a key, moved a batch), has stopped saying anything
   * after its first line, or has ended.
   */
  saysMore(lines: number): Promise<void>
  /** Kills it; whether it was still running. */
  kill(): boolean
  readonly ended: Promise<Ran>
}

/** Starts `outcry keys rotate` on an instance. */
export function startRotation(
  instance: Pick<CommandInstance, 'start'>,
  further: readonly string[] = [],
): RunningRotation {
  const program = instance.start(['keys', 'rotate', ...further])
  let said = 0
  let hear = Promise.withResolvers<'said'>()
  for (const output of [program.stdout, program.stderr]) {
    output?.on('data', (text) => {
      said += String(text).split('\n').length - 1
      hear.resolve('said')
      hear = Promise.withResolvers()
    })
  }
  const end = ended(program)
  const silence = () => (said === 0 ? new Promise<never>(() => undefined) : wait(SILENT_MS))
  return {
    async saysMore(lines) {
      const enough = said + lines
      while (said < enough && (await Promise.race([hear.promise, end, silence()])) === 'said');
    },
    kill: () => program.kill('SIGKILL'),
    ended: end,
  }
}
