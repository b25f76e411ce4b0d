import type { Clock } from '../../../platform/clock.ts'
import { type Acting, aboutCredential, type VaultWork } from '../acting.ts'
import { vaultErrors } from '../vault.errors.ts'
import { changeCredential, lockCredential } from './credential.store.ts'
import type { CredentialChanges } from './credential-changes.ts'
import { assertSeen, type SeenVersion } from './version.ts'

interface DestroyCredentialOptions {
  readonly clock: Clock
  readonly work: VaultWork
  readonly changes: CredentialChanges
}

/** What is left of a credential that is deleted: who it was of and what it was called, and nothing that signs in. */
const TOMBSTONE = {
  api_key: null,
  secret_key: null,
  fingerprint: null,
  is_active: false,
  is_default: false,
  is_trading_enabled: false,
} as const

/**
 * Destroys a pair, at once and for good: its data keys go with it, so no backup of the vault's keys opens it from this
 * database again. Throws `vault.credential_not_found`, `vault.version_stale`, and the 401 that asks for a newer proof.
 */
export function createDestroyCredential(options: DestroyCredentialOptions) {
  const { clock, work, changes } = options
  return (by: Acting, id: string, seen: SeenVersion): Promise<void> =>
    work.attempt(by, { action: 'credential.deleted', about: aboutCredential(id) }, () =>
      work.held(by, async (tx) => {
        const row = await lockCredential(tx, { id, userId: by.userId })
        if (!row) throw vaultErrors.credentialNotFound()
        assertSeen(seen, row)
        const now = clock.now()
        work.assertProof(by, row, ['delete'])
        const isDone = await changeCredential(tx, row, { ...TOMBSTONE, deleted_at: now, updated_at: now })
        if (!isDone) throw vaultErrors.credentialNotFound()
        changes.changed(tx, { userId: by.userId, credentialId: id })
        if (row.environment === 'live') {
          const detail = `It was called “${row.nickname}”, and its key ended in ${row.key_hint}.`
          await work.tellOfLiveKey(tx, by, { kind: 'liveKeyDeleted', detail })
        }
        await work.record(tx, by, {
          action: 'credential.deleted',
          about: aboutCredential(id),
          details: { environment: row.environment },
        })
      }),
    )
}
