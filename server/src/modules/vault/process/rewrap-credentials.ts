import { asError } from '../../../platform/as-error.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Db } from '../../../platform/db/index.ts'
import { SECOND } from '../../../platform/durations.ts'
import type { Logger } from '../../../platform/log/logger.ts'
import { createRewrapper } from '../../../platform/state/rewrapper.ts'
import { userCredentials } from '../credential.table.ts'
import { type VaultKeyRing, vaultKeyRing } from './vault-key-ring.ts'

const EVERY_MS = 5 * SECOND

/** Moves broker keys to the vault's current key while the process runs, whoever began the rotation. */
export interface CredentialRewrap {
  /** Stops between two batches and waits for the last one. */
  stop(): Promise<void>
}

/** Starts at once and looks again every five seconds; that costs nothing while no rotation is under way. */
export function startCredentialRewrap(parts: {
  readonly db: Db
  readonly clock: Clock
  readonly log: Logger
  readonly ring: VaultKeyRing
}): CredentialRewrap {
  const rewrapper = createRewrapper({
    ...parts,
    kind: vaultKeyRing,
    proof: 'vault_key_check',
    tables: [userCredentials],
  })
  const stopping = new AbortController()
  let running: Promise<void> | undefined
  const run = () => {
    running ??= rewrapper
      .run(stopping.signal)
      .catch((error: unknown) => {
        if (stopping.signal.aborted) return
        parts.log.error(
          { err: asError(error) },
          'Moving broker keys to the current key failed; it is tried again.',
        )
      })
      .finally(() => {
        running = undefined
      })
  }
  run()
  const timer = setInterval(run, EVERY_MS)
  return {
    async stop() {
      clearInterval(timer)
      stopping.abort()
      await running
    },
  }
}
