import { createSecretKey } from 'node:crypto'
import { rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { loadConfig } from './config/config.ts'
import { loggerFor } from './logger-for.ts'
import { createProviders } from './modules/brokers/brokers.ts'
import { userCredentials } from './modules/vault/credential.table.ts'
import { createForgetting } from './modules/vault/process/forgetting.ts'
import { startCredentialRewrap } from './modules/vault/process/rewrap-credentials.ts'
import { prepareVaultKeys } from './modules/vault/process/vault-key-ring.ts'
import { createVaultServer } from './modules/vault/process/vault-server.ts'
import { readLaunchOrder, VAULT_READY } from './modules/vault/protocol/launch-order.ts'
import { createAudit } from './platform/audit/audit.ts'
import { startCheckpoints } from './platform/audit/checkpoints.ts'
import { systemClock } from './platform/clock.ts'
import { proveCipher } from './platform/crypto/cipher-proof.ts'
import { createUuidv7 } from './platform/crypto/uuid.ts'
import { moveValues } from './platform/db/sealed/move-values.ts'
import type { Rewrapped } from './platform/db/sealed/rewrap-values.ts'
import { watchUnheardFailures } from './unheard-failures.ts'
import { openVaultDatabase } from './vault-database.ts'

/** What the process is given from outside. */
export interface VaultProcessOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** First the launch order, then nothing; its end is the end of the server that started this. */
  readonly stdin: NodeJS.ReadableStream
  /** Writes a line for the server that started this. */
  readonly write: (line: string) => void
  /** How long texts of keys may stay in memory after a use, in milliseconds, and who is told when they have gone. */
  readonly forgetting?: { readonly delayMs: number; readonly onDone: () => void }
}

/** What moving the vault's values is told from outside. */
export interface RewrapVaultOptions extends Pick<VaultProcessOptions, 'env' | 'cwd'> {
  /** In how many milliseconds every running server has noticed the newest key. */
  readonly noticedInMs: number
  readonly signal: AbortSignal
  /** Told after each batch how many values were moved so far. */
  readonly onBatch: (moved: number) => void
}

/**
 * Moves every broker key to the vault's current key, in a process that does nothing else. Throws an error with one plain
 * sentence when it cannot, and when the signal fires.
 */
export async function rewrapVault({
  env,
  cwd,
  noticedInMs,
  ...rest
}: RewrapVaultOptions): Promise<Rewrapped> {
  const noticedAt = performance.now() + noticedInMs
  proveCipher()
  const config = loadConfig(env, cwd)
  const db = openVaultDatabase(config)
  try {
    const ring = await prepareVaultKeys({ path: config.vaultKeysFile, db, clock: systemClock })
    const keys = ring.credentialEncryption
    return await moveValues({ ...rest, db, tables: [userCredentials], keys, noticedAt })
  } finally {
    await db.close()
  }
}

/**
 * The vault's own process, its second composition root. Beside it only the operator's commands read the vault's keys, and
 * the server never does. Serves until standard input ends. Throws an error with one plain sentence when it cannot start.
 */
export async function runVaultProcess(options: VaultProcessOptions): Promise<void> {
  const { env, cwd, stdin, write } = options
  proveCipher()
  const { order, ended, close } = await readLaunchOrder(stdin)
  const config = loadConfig(env, cwd)
  const log = loggerFor(config)
  using _ = watchUnheardFailures(log, 'vault process')
  const clock = systemClock
  const db = openVaultDatabase(config)
  try {
    const ring = await prepareVaultKeys({
      ...{ path: config.vaultKeysFile, db, clock },
      onProblem: (err) => log.error({ err }, 'The vault key ring cannot be read anew.'),
    })
    const forgetting = createForgetting({
      ...options.forgetting,
      collect() {
        globalThis.gc?.({ type: 'major', execution: 'sync' })
        options.forgetting?.onDone()
      },
    })
    const server = createVaultServer({
      ...{ db, ring, clock, log },
      providers: createProviders(config),
      audit: createAudit({ clock, newId: createUuidv7(clock) }),
      onOpened: forgetting.note,
    })
    await server.listen({ socketPath: order.socket, secret: createSecretKey(order.secret, 'base64url') })
    const checkpoints = startCheckpoints({
      ...{ db, clock, log },
      key: ring.auditSigning.current,
      path: config.auditCheckpointsFile,
    })
    const rewrap = startCredentialRewrap({ db, clock, log, ring })
    write(VAULT_READY)
    await ended
    forgetting.stop()
    await rewrap.stop()
    await server.stop()
    await checkpoints.stop()
  } finally {
    close()
    await db.close()
    await log.flush()
    // Note: the server removes it as well, unless it was killed.
    await rmdir(dirname(order.socket)).catch(() => undefined)
  }
}
