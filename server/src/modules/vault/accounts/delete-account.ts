import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Tx } from '../../../platform/db/index.ts'
import type { NotifyMember } from '../../accounts/index.ts'
import { type Acting, aboutAccount, aboutCredential, factsOf, type VaultWork } from '../acting.ts'
import type { CredentialRow } from '../credential.table.ts'
import { listCredentialsIn } from '../credentials/credential.store.ts'
import type { CredentialChanges } from '../credentials/credential-changes.ts'
import { vaultErrors } from '../vault.errors.ts'
import { proofFor } from '../vault.policy.ts'
import { deleteAccount } from './user-account.store.ts'

export interface DeleteAccountOptions {
  readonly clock: Clock
  readonly audit: Audit
  readonly notifyMember: NotifyMember
  readonly work: VaultWork
  readonly changes: CredentialChanges
}

/**
 * Deletes an account with every credential in it, and the rows of those deleted before. Throws `vault.account_not_found`,
 * and the 401 that asks for a newer proof.
 */
export function createDeleteAccount(options: DeleteAccountOptions) {
  const { clock, audit, notifyMember, work, changes } = options
  const assertProof = (by: Acting, credentials: readonly CredentialRow[]) => {
    for (const { environment } of credentials) {
      const maxAge = proofFor(environment, ['delete'])
      if (maxAge !== undefined) by.assertProof(maxAge, clock.now())
    }
  }

  const tellOfLiveKeys = async (tx: Tx, by: Acting, credentials: readonly CredentialRow[]) => {
    const live = credentials.filter(({ environment }) => environment === 'live').length
    if (live === 0) return
    const { address, userAgent } = by
    const detail = `A trading account was deleted, and its live keys with it; there were ${live}.`
    await notifyMember(tx, by.userId, { kind: 'liveKeyDeleted', facts: { address, userAgent, detail } })
  }

  const record = async (tx: Tx, by: Acting, credentials: readonly CredentialRow[]) => {
    for (const { id, environment } of credentials) {
      changes.changed(tx, { userId: by.userId, credentialId: id })
      await audit.record(tx, {
        action: 'credential.deleted',
        result: 'ok',
        ...factsOf(by),
        ...aboutCredential(id),
        details: { environment, with: 'trading_account' },
      })
    }
  }

  return (by: Acting, id: string): Promise<void> => {
    const attempt = { action: 'trading_account.deleted', about: aboutAccount(id) }
    return work.attempt(by, attempt, () =>
      work.held(by, async (tx) => {
        const credentials = await listCredentialsIn(tx, { userId: by.userId, accountId: id })
        assertProof(by, credentials)
        if (!(await deleteAccount(tx, { id, userId: by.userId }))) throw vaultErrors.accountNotFound()
        await tellOfLiveKeys(tx, by, credentials)
        await record(tx, by, credentials)
        await audit.record(tx, {
          action: attempt.action,
          result: 'ok',
          ...factsOf(by),
          ...attempt.about,
        })
      }),
    )
  }
}
