import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type App, createApp } from './app.ts'
import type { Config } from './config/config.ts'
import { loggerFor } from './logger-for.ts'
import { verifyByCommand } from './operations/index.ts'
import { asError } from './platform/as-error.ts'
import { systemClock } from './platform/clock.ts'
import { CLOCK_BEHIND_MAX_MS } from './platform/clock-guard.ts'
import { lowerPoolPriority } from './platform/crypto/pool-priority.ts'
import { releaseMemory } from './platform/release-memory.ts'
import { raiseClockMark } from './platform/state/state.ts'
import { prepareInstance } from './prepare-instance.ts'
import { watchUnheardFailures } from './unheard-failures.ts'
import { vaultOf } from './vault-child.ts'
import { type ChildPlace, childOf, PROGRAM } from './vault-program.ts'

/** This machine's clock is behind what the instance has seen. */
export class ClockError extends Error {
  override readonly name = 'ClockError'

  constructor(behindMs: number) {
    const minutes = Math.ceil(behindMs / 60_000)
    super(
      `The clock of this machine is ${minutes} minutes behind what the database has seen; set it and start again.`,
    )
  }
}

/** How a process takes part: `web` answers requests, `worker` does the work behind them. */
export type Role = 'web' | 'worker'

export interface ServeOptions extends ChildPlace {
  readonly config: Config
  /** The vault's process, which has been started and waits for its order. */
  readonly vaultProcess: ChildProcess
  readonly roles: ReadonlySet<Role>
  /** Ends the server when it fires; what runs may finish for 30 s. */
  readonly signal: AbortSignal
  /** Writes a line for the person at the terminal. */
  readonly write: (line: string) => void
}

function greeting(config: Config, address: string, setupToken: string | undefined): string[] {
  const { origin } = config.publicUrl
  const lines = [`${config.siteName} is at ${origin} (listening on ${address}).`]
  if (config.mail.kind === 'file') lines.push(`Mail is written to ${config.mail.dir}.`)
  if (setupToken !== undefined) {
    lines.push(`Open ${origin}/setup#token=${setupToken} to make the first administrator`)
    lines.push('(good once, for a day, until the next start), or in another terminal:')
    lines.push('  bin/outcry user create --username NAME --email ADDRESS --role super_admin --active')
  }
  return lines
}

const CLOCK_MARK_MS = 60_000

/** Where `npm start` puts what it builds of the web app. */
const WEB_APP_DIR = fileURLToPath(new URL('../../web/dist/', import.meta.url))

/**
 * Refuses to serve under a clock that was set back: codes, tokens and locks that are over would count again. While it
 * serves, the latest time seen is noted every minute, and the guard takes in what other nodes have seen.
 */
async function guardClock({ platform: { db, clock, clockGuard, jobs } }: App): Promise<void> {
  const mark = () => db.withSystem((tx) => raiseClockMark(tx, clock))
  const { behindMs } = await mark()
  if (behindMs > CLOCK_BEHIND_MAX_MS) throw new ClockError(behindMs)
  clockGuard.note(behindMs)
  jobs.repeat('clock.mark', CLOCK_MARK_MS, async () => {
    clockGuard.note((await mark()).behindMs)
  })
}

const SETTLED_MS = 1_000

/** Migrates, serves until the signal, and drains. Throws an error with a plain sentence when it cannot start. */
export async function serve(options: ServeOptions): Promise<void> {
  const { config, vaultProcess, roles, signal, env, cwd, write } = options
  const instance = await prepareInstance(config, systemClock, {
    onApplied: (id) => write(`Applied migration ${id}.`),
  })
  const log = loggerFor(config)
  await using _lines = { [Symbol.asyncDispose]: async () => void (await log.flush()) }
  using _ = watchUnheardFailures(log, 'server')
  await using vault = vaultOf({ env, cwd, config, log, write: log.relay, waiting: vaultProcess })
  const starting = vault.start()
  starting.catch(() => undefined) // it is asked below
  const webAppDir = roles.has('web') ? WEB_APP_DIR : undefined
  const verifyAuditLog = verifyByCommand({
    ...childOf({ env, cwd }),
    args: ['--disable-sigusr1', PROGRAM, 'audit', 'verify', '--json'],
  })
  const parts = { log, findVault: vault.find, verifyAuditLog, webAppDir }
  await using app = await createApp(config, instance, parts)
  const { jobs } = app.platform
  for (const warning of config.warnings) log.warn({}, warning)
  await lowerPoolPriority().catch((error: unknown) =>
    log.warn({ err: asError(error) }, 'The threads that hash passwords keep their priority.'),
  )
  await starting // before anything is written
  await guardClock(app)
  if (roles.has('worker')) await jobs.start()
  if (roles.has('web')) {
    const address = await app.http.listen({ host: config.host, port: config.port })
    // Note: to the terminal alone; the log may be kept where others read it.
    for (const line of greeting(config, address, await app.accounts.offerSetup())) write(line)
    log.info({ address }, 'The server is ready.')
  }
  setTimeout(releaseMemory, SETTLED_MS).unref() // a fifth of the process, and nobody has to wait for it yet
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  log.info({}, 'The server is stopping.')
}
