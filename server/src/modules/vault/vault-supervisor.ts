import type { ChildProcess } from 'node:child_process'
import { createSecretKey, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { asError } from '../../platform/as-error.ts'
import { SECOND } from '../../platform/durations.ts'
import { makePrivateFolder } from '../../platform/files/make-private-folder.ts'
import type { Logger } from '../../platform/log/logger.ts'
import { type LaunchOrder, VAULT_READY, VaultStartError } from './protocol/launch-order.ts'
import type { FindVault, VaultEndpoint } from './vault-link.ts'

/** A Unix socket's name has about this much room (108 bytes on Linux, 104 on macOS, with the end mark). */
const SOCKET_PATH_MAX_BYTES = 100
const START_MS = 30 * SECOND
const STOP_MS = 5 * SECOND
/** A process that lived shorter than this waits a little longer before its next start. */
const STEADY_MS = SECOND
const PAUSE_MS = { least: 100, most: 500 } as const

/** What keeps a vault process running. */
export interface VaultSupervisor extends AsyncDisposable {
  /** Starts the process. Rejects with `VaultStartError`, which says what the process said, when it cannot start. */
  start(): Promise<void>
  /** Where it runs now; nowhere while it is being started again. */
  readonly find: FindVault
  /** The id of the running process. */
  readonly pid: number | undefined
}

/** How the process is started and where what it says goes. */
export interface VaultSupervisorParts {
  /** Gives a process that waits for its launch order on standard input; all three of its streams are pipes. */
  readonly spawn: () => ChildProcess
  /** The folder in which the private folder of the socket is made. */
  readonly runDir: string
  readonly log: Pick<Logger, 'error' | 'info'>
  /** Gets each line that the running process prints: its log. What it writes to standard error goes into `log`. */
  readonly relay: (line: string) => void
}

/** A fresh folder that nobody else can enter; elsewhere when the path would be too long for a socket. */
async function privateFolder(runDir: string): Promise<string> {
  const isShort = Buffer.byteLength(join(runDir, 'vault-XXXXXX', '99999.sock')) <= SOCKET_PATH_MAX_BYTES
  if (!isShort) return await mkdtemp(join(tmpdir(), 'outcry-vault-'))
  makePrivateFolder(runDir)
  return await mkdtemp(join(runDir, 'vault-'))
}

/** Resolves once the process serves; rejects with what it said when it ends before. */
async function untilReady(
  child: ChildProcess,
  { relay, log }: Pick<VaultSupervisorParts, 'relay' | 'log'>,
): Promise<void> {
  const complaints: string[] = []
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let isReady = false
  const listen = (input: NodeJS.ReadableStream | null, onLine: (line: string) => void) => {
    if (input) createInterface({ input }).on('line', onLine)
  }
  listen(child.stdout, (line) => {
    if (isReady || line !== VAULT_READY) return relay(line)
    isReady = true
    resolve()
  })
  listen(child.stderr, (line) => {
    if (!isReady) complaints.push(line)
    // Note: through the log, since no filter has seen it: Node may have written it, or a library.
    else log.error({ line }, 'The vault process wrote to standard error.')
  })
  const fail = () => reject(new VaultStartError(complaints.join('\n') || 'The vault process did not start.'))
  child.once('error', fail)
  child.once('close', fail)
  const timer = setTimeout(() => child.kill('SIGKILL'), START_MS)
  await promise.finally(() => clearTimeout(timer))
}

/** Starts the vault process, and starts it again within two seconds whenever it dies. */
export function createVaultSupervisor(parts: VaultSupervisorParts): VaultSupervisor {
  const { spawn, runDir, log } = parts
  let folder: string | undefined
  let starts = 0
  let pauseMs = 0
  let child: ChildProcess | undefined
  let endpoint: VaultEndpoint | undefined
  const stopping = new AbortController()

  const launch = async (): Promise<void> => {
    folder ??= await privateFolder(runDir)
    stopping.signal.throwIfAborted() // it was told to stop before it began
    starts++
    const socketPath = join(folder, `${starts}.sock`)
    const secret = randomBytes(32)
    const started = spawn()
    child = started
    started.stdin?.on('error', () => undefined) // it ended before it read; `close` says so
    const order: LaunchOrder = { socket: socketPath, secret: secret.toString('base64url') }
    started.stdin?.write(`${JSON.stringify(order)}\n`)
    await untilReady(started, parts)
    endpoint = { socketPath, secret: createSecretKey(secret) }
    const since = performance.now()
    started.once('close', (code, signal) => {
      endpoint = undefined
      if (stopping.signal.aborted) return
      pauseMs = performance.now() - since < STEADY_MS ? nextPause(pauseMs) : 0
      log.error({ code, signal, pauseMs }, 'The vault process ended; it is started again.')
      void relaunch()
    })
  }
  const relaunch = async (): Promise<void> => {
    for (;;) {
      try {
        await wait(pauseMs, undefined, { signal: stopping.signal })
        await launch()
        log.info({ pid: child?.pid }, 'The vault process serves again.')
        return
      } catch (error) {
        if (stopping.signal.aborted) return
        pauseMs = nextPause(pauseMs)
        log.error({ err: asError(error), pauseMs }, 'The vault did not start.')
      }
    }
  }
  const stop = async (): Promise<void> => {
    stopping.abort()
    endpoint = undefined
    const last = child
    if (last && last.exitCode === null && last.signalCode === null) {
      const ended = new Promise((resolve) => last.once('close', resolve))
      last.stdin?.end()
      const kill = setTimeout(() => last.kill('SIGKILL'), STOP_MS)
      await ended
      clearTimeout(kill)
    }
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
  return {
    start: launch,
    find: async () => endpoint,
    get pid() {
      return child?.pid
    },
    [Symbol.asyncDispose]: stop,
  }
}

function nextPause(pauseMs: number): number {
  return Math.min(PAUSE_MS.most, Math.max(PAUSE_MS.least, pauseMs * 2))
}
