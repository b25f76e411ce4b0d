import { createApp } from './app.ts'
import { type Config, loadConfig } from './config/config.ts'
import { systemClock } from './platform/clock.ts'
import { prepareInstance } from './prepare-instance.ts'

/** How a process takes part: `web` answers requests, `worker` does the work behind them. */
export type Role = 'web' | 'worker'

export interface ServeOptions {
  readonly roles: ReadonlySet<Role>
  /** Ends the server when it fires; what runs may finish for 30 s. */
  readonly signal: AbortSignal
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Writes a line for the person at the terminal. */
  readonly write: (line: string) => void
}

function greeting(config: Config, address: string, hasAdmin: boolean): string[] {
  const lines = [`${config.siteName} is at ${config.publicUrl.origin} (listening on ${address}).`]
  if (config.mail.kind === 'file') lines.push(`Mail is written to ${config.mail.dir}.`)
  if (!hasAdmin) {
    lines.push('Nobody administrates it yet; in another terminal, make the first account with')
    lines.push('  bin/outcry user create --username NAME --email ADDRESS --role admin --active')
  }
  return lines
}

/**
 * Gives back what loading the program left behind, about a fifth of the process, before anybody waits for it. Works under
 * `--expose-gc`, with which `bin/outcry` starts, and does nothing without.
 */
function releaseStartupMemory(): void {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

/** Migrates, serves until the signal, and drains. Throws an error with a plain sentence when it cannot start. */
export async function serve({ roles, signal, env, cwd, write }: ServeOptions): Promise<void> {
  const config = loadConfig(env, cwd)
  const instance = await prepareInstance(config, systemClock, {
    onApplied: (id) => write(`Applied migration ${id}.`),
  })
  await using app = await createApp(config, instance)
  const { log, jobs } = app.platform
  for (const warning of config.warnings) log.warn({}, warning)
  releaseStartupMemory()
  if (roles.has('worker')) await jobs.start()
  if (roles.has('web')) {
    const address = await app.http.listen({ host: config.host, port: config.port })
    for (const line of greeting(config, address, await app.accounts.hasAdmin())) write(line)
    log.info({ address }, 'The server is ready.')
  }
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  log.info({}, 'The server is stopping.')
}
