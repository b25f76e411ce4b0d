import { createSecretKey, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { createProviders } from '../modules/brokers/index.ts'
import type { FindVault } from '../modules/vault/index.ts'
import { prepareVaultKeys } from '../modules/vault/process/vault-key-ring.ts'
import { createVaultServer } from '../modules/vault/process/vault-server.ts'
import { createAudit } from '../platform/audit/audit.ts'
import type { Clock } from '../platform/clock.ts'
import { createUuidv7 } from '../platform/crypto/uuid.ts'
import type { Logger } from '../platform/log/logger.ts'
import { openVaultDatabase } from '../vault-database.ts'
import { TEST_POOL_SIZE } from './for-each-database.ts'

export type VaultServerParts = Parameters<typeof createVaultServer>[0]

/** A vault on a real socket with a database connection and keys of its own, in this process. */
export interface InProcessVault {
  /** Starts it when it is asked for the first time. */
  readonly find: FindVault
  stop(): Promise<void>
}

type Parts = { readonly clock: Clock; readonly log: Logger } & Partial<VaultServerParts>

/** Makes the vault of one application; tests that never use it pay nothing. */
export function inProcessVault(config: Config, { clock, log, ...parts }: Parts): InProcessVault {
  let running: Promise<{ socketPath: string; secret: ReturnType<typeof createSecretKey> }> | undefined
  const endings: (() => Promise<unknown>)[] = []
  const start = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'outcry-vault-'))
    endings.unshift(() => rm(folder, { recursive: true, force: true }))
    const db = openVaultDatabase(config, {
      detectOutsideWaits: true,
      poolSize: Number(TEST_POOL_SIZE ?? 4),
    })
    endings.unshift(() => db.close())
    const ring = await prepareVaultKeys({ path: config.vaultKeysFile, db, clock })
    const audit = createAudit({ clock, newId: createUuidv7(clock) })
    const providers = createProviders(config)
    const server = createVaultServer({ db, ring, providers, clock, audit, log, ...parts })
    endings.unshift(() => server.stop())
    const endpoint = { socketPath: join(folder, 'vault.sock'), secret: createSecretKey(randomBytes(32)) }
    await server.listen(endpoint)
    return endpoint
  }
  return {
    find: () => (running ??= start()),
    async stop() {
      await running?.catch(() => undefined)
      for (const end of endings) await end()
    },
  }
}
