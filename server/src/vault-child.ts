import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import type { Config } from './config/config.ts'
import { createVaultSupervisor, type VaultSupervisor } from './modules/vault/index.ts'
import type { Logger } from './platform/log/logger.ts'
import { type ChildPlace, spawnVault } from './vault-program.ts'

/** What the vault is started from. */
export interface VaultChildParts extends ChildPlace {
  readonly config: Pick<Config, 'dataDir'>
  readonly log: Pick<Logger, 'error' | 'info'>
  /** Gets each line of the vault's log. */
  readonly write: (line: string) => void
  /** A process that has been started and waits for its order. */
  readonly waiting?: ChildProcess | undefined
  /** Another program than the product's own, for tests. */
  readonly program?: readonly string[]
}

/** The folder in which the vault's private folder is made. */
export function vaultRunDir({ dataDir }: Pick<Config, 'dataDir'>): string {
  return join(dataDir, 'run')
}

const isAlive = ({ pid, exitCode, signalCode }: ChildProcess): boolean =>
  pid !== undefined && exitCode === null && signalCode === null

/** The vault as a child of this process; it is launched by who asks for it. */
export function vaultOf({
  config,
  log,
  write,
  waiting,
  program,
  ...place
}: VaultChildParts): VaultSupervisor {
  let first = waiting
  return createVaultSupervisor({
    spawn() {
      const given = first
      first = undefined
      if (given && isAlive(given)) return given
      if (given) {
        const { exitCode: code, signalCode: signal } = given
        log.error({ code, signal }, 'The vault process ended before it was launched; another one is started.')
      }
      return spawnVault(place, program)
    },
    runDir: vaultRunDir(config),
    log,
    relay: write,
  })
}
