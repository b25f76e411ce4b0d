import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config } from './config/config.ts'
import { readSystemEnvironment } from './config/env.ts'
import { createVaultSupervisor, type VaultSupervisor } from './modules/vault/index.ts'
import type { Logger } from './platform/log/logger.ts'

/** Settings that processes beside the server have no use for, and that hold secrets. */
const NOT_FOR_CHILDREN: ReadonlySet<string> = new Set([
  'OUTCRY_DATABASE_ADMIN_URL',
  'OUTCRY_MAIL_URL',
  'OUTCRY_STORAGE_URL',
  'OUTCRY_METRICS_TOKEN',
])

/** What `bin/outcry` starts. */
export const PROGRAM = fileURLToPath(new URL('./main.ts', import.meta.url))

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

/** What the vault is started from. */
export interface VaultChildParts extends ChildPlace {
  readonly config: Pick<Config, 'dataDir'>
  readonly log: Pick<Logger, 'error' | 'info'>
  /** Gets each line of the vault's log. */
  readonly write: (line: string) => void
  /** Another program than the product's own, for tests. */
  readonly program?: readonly string[]
}

/** The folder in which the vault's private folder is made. */
export function vaultRunDir({ dataDir }: Pick<Config, 'dataDir'>): string {
  return join(dataDir, 'run')
}

/** The vault as a child of this process; it is started by who asks for it. */
export function vaultOf({ config, log, write, program, ...place }: VaultChildParts): VaultSupervisor {
  return createVaultSupervisor({
    ...childOf(place),
    args: ['--disable-sigusr1', '--expose-gc', ...(program ?? [PROGRAM, 'vault'])],
    runDir: vaultRunDir(config),
    log,
    relay: write,
  })
}
