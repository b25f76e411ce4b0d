import type { Tx } from '../../../platform/db/index.ts'
import { type Acting, aboutAccount, aboutCredential, type VaultWork } from '../acting.ts'
import type { CredentialRow } from '../credential.table.ts'
import { listCredentialsIn } from '../credentials/credential.store.ts'
import type { CredentialChanges } from '../credentials/credential-changes.ts'
import { vaultErrors } from '../vault.errors.ts'
import { deleteAccount } from './user-account.store.ts'

interface DeleteAccountOptions {
  readonly work: VaultWork
  readonly changes: CredentialChanges
}

/**
 * Deletes an account with every credential in it, and the rows of those deleted before. Throws `vault.account_not_found`,
 * and the 401 that asks for a newer proof.
 */
export function createDeleteAccount({ work, changes }: DeleteAccountOptions) {
  const tellOfLiveKeys = async (tx: Tx, by: Acting, credentials: readonly CredentialRow[]) => {
    const live = credentials.filter(({ environment }) => environment === 'live').length
    if (live === 0) return
    const detail = `A trading account was deleted, and its live keys with it; there were ${live}.`
    await work.tellOfLiveKey(tx, by, { kind: 'liveKeyDeleted', detail })
  }

  const record = async (tx: Tx, by: Acting, credentials: readonly CredentialRow[]) => {
    for (const { id, environment } of credentials) {
      changes.changed(tx, { userId: by.userId, credentialId: id })
      await work.record(tx, by, {
        action: 'credential.deleted',
        about: aboutCredential(id),
        details: { environment, with: 'trading_account' },
      })
    }
  }

  return (by: Acting, id: string): Promise<void> => {
    const attempt = { action: 'trading_account.deleted', about: aboutAccount(id) }
    return work.attempt(by, attempt, () =>
      work.held(by, async (tx) => {
        const credentials = await listCredentialsIn(tx, { userId: by.userId, accountId: id })
        for (const credential of credentials) work.assertProof(by, credential, ['delete'])
        if (!(await deleteAccount(tx, { id, userId: by.userId }))) throw vaultErrors.accountNotFound()
        await tellOfLiveKeys(tx, by, credentials)
        await record(tx, by, credentials)
        await work.record(tx, by, attempt)
      }),
    )
  }
}
