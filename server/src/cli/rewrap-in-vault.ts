import { createInterface } from 'node:readline'
import type { Rewrapped } from '../platform/db/sealed/rewrap-values.ts'
import { type ChildPlace, PROGRAM, spawnVault } from '../vault-program.ts'
import { CommandError } from './command-error.ts'

export interface RewrapInVaultOptions extends ChildPlace {
  /** When every running server has noticed the key, as `performance.now()` tells it. */
  readonly noticedAt: number
  /** Ends the process between two batches. */
  readonly signal: AbortSignal
  /** Told after each batch how many values were moved so far. */
  readonly onBatch: (moved: number) => void
}

/**
 * Moves broker keys to the vault's newest key in a process of the vault's program: no other opens one. It ends with this
 * process, however that ends. Throws `CommandError` with what it said when it could not do it.
 */
export async function rewrapInVault(options: RewrapInVaultOptions): Promise<Rewrapped> {
  const { env, cwd, noticedAt, signal, onBatch } = options
  const noticedInMs = Math.max(0, Math.ceil(noticedAt - performance.now()))
  const child = spawnVault({ env, cwd }, [PROGRAM, 'vault', 'rewrap', '--noticed-in', String(noticedInMs)])
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve).once('error', () => resolve(null))
  })
  child.stdin?.on('error', () => undefined) // it ended first; `close` says so
  const stop = () => child.stdin?.end()
  signal.addEventListener('abort', stop)
  let moved = 0
  const refused: string[] = []
  const complaints: string[] = []
  const listen = (output: NodeJS.ReadableStream | null, onLine: (line: string) => void) =>
    output && createInterface({ input: output }).on('line', onLine)
  listen(child.stderr, (line) => complaints.push(line))
  listen(child.stdout, (line) => {
    const [, word, rest = ''] = /^(moved|refused) (.*)$/.exec(line) ?? []
    if (word === 'refused') refused.push(rest)
    if (word !== 'moved' || Number(rest) === moved) return
    moved = Number(rest)
    onBatch(moved)
  })
  const code = await ended.finally(() => signal.removeEventListener('abort', stop))
  signal.throwIfAborted()
  if (code === 0) return { moved, refused }
  throw new CommandError(
    complaints.join('\n') || 'The process that moves broker keys was ended; run outcry keys rotate again.',
  )
}
