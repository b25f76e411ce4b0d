import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { DatabaseLocation } from '../platform/db/index.ts'

const CHILD = fileURLToPath(new URL('./kill-child.ts', import.meta.url))

let cache: string | undefined

/** Compiling is most of a child's start; the first one leaves it to the others. */
function compileCache(): string {
  if (cache === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'outcry-compiled-'))
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
    cache = folder
  }
  return cache
}

/** What a killed child had said, whole lines only, and for how long it spoke. */
export interface LastWords {
  readonly words: readonly string[]
  readonly wasKilled: boolean
  readonly spokeMs: number
}

/** Starts a child on `task`, and kills it with SIGKILL `delayMs` after its first word unless it ends before. */
export async function killAfter(
  task: 'migrate' | 'write' | 'audit',
  location: DatabaseLocation,
  delayMs: number,
): Promise<LastWords> {
  const child: ChildProcess = spawn(process.execPath, [CHILD, task, JSON.stringify(location)], {
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache() },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  let lastAt = 0
  const closed = once(child, 'close')
  const spoke = Promise.withResolvers<void>()
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk
    lastAt = performance.now()
    spoke.resolve()
  })
  await Promise.race([spoke.promise, closed])
  const first = performance.now()
  const wasKilled = await Promise.race([closed.then(() => false), wait(delayMs, true)])
  child.kill('SIGKILL')
  await closed
  const words = said.slice(0, said.lastIndexOf('\n')).split('\n')
  return { words, wasKilled, spokeMs: lastAt - first }
}
