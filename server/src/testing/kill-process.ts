import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { DatabaseLocation } from '../platform/db/index.ts'

const CHILD = fileURLToPath(new URL('./kill-child.ts', import.meta.url))
const NAME = 'kill-child'

interface PackedChild {
  readonly program: string
  readonly compileCache: string
}

let packed: Promise<PackedChild> | undefined

/**
 * The child's sources as they are now, in one file: finding and linking hundreds of modules is most of its start. What
 * Node makes of the file is left by the first child to the others.
 */
async function packChild(): Promise<PackedChild> {
  const folder = mkdtempSync(join(tmpdir(), 'outcry-packed-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const { build } = await import('vite')
  const rolldownOptions = { input: { [NAME]: CHILD }, output: { entryFileNames: '[name].js' } }
  await build({
    root: dirname(CHILD),
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    ssr: { noExternal: true },
    build: { ssr: true, outDir: folder, minify: false, target: 'esnext', rolldownOptions },
  })
  return { program: join(folder, `${NAME}.js`), compileCache: join(folder, 'compiled') }
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
  packed ??= packChild()
  const { program, compileCache } = await packed
  const child: ChildProcess = spawn(process.execPath, [program, task, JSON.stringify(location)], {
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
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
