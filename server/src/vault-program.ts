import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { readSystemEnvironment } from './config/env.ts'

/** Settings that processes beside the server have no use for, and that hold secrets. */
const NOT_FOR_CHILDREN: ReadonlySet<string> = new Set([
  'OUTCRY_DATABASE_ADMIN_URL',
  'OUTCRY_MAIL_URL',
  'OUTCRY_STORAGE_URL',
  'OUTCRY_METRICS_TOKEN',
])

/** No debugger, and garbage on request. */
const FLAGS = ['--disable-sigusr1', '--expose-gc']

/** What `bin/outcry` starts. */
export const PROGRAM: string = fileURLToPath(new URL('./main.ts', import.meta.url))

/** The settings of a server, and its folder. */
export interface ChildPlace {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

/** What a process beside the server is started with: these settings, and no way in for a debugger. */
export function childOf({ env, cwd }: ChildPlace): ChildPlace {
  const settings = Object.entries(env).filter(([name]) => !NOT_FOR_CHILDREN.has(name))
  return { cwd, env: { ...readSystemEnvironment(), ...Object.fromEntries(settings) } }
}

/**
 * Starts the vault's program, which loads itself and then waits for its launch order on standard input. This module loads
 * next to nothing, so that the server can start it before it loads itself. A process that could not be started has no `pid`.
 */
export function spawnVault(place: ChildPlace, program: readonly string[] = [PROGRAM, 'vault']): ChildProcess {
  const { env, cwd } = childOf(place)
  // Note: detached, so that Ctrl-C reaches the server alone, which still answers while it drains.
  return spawn(process.execPath, [...FLAGS, ...program], {
    ...{ cwd, env: { ...env }, stdio: 'pipe', detached: true },
  }).on('error', () => undefined) // who launches it is told by its end
}
