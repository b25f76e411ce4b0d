import type { ChoiceProblem } from '@outcry/contract/vault'
import type { Clock } from '../../../platform/clock.ts'
import type { Db } from '../../../platform/db/index.ts'
import { type Acting, aboutCredential, type VaultWork } from '../acting.ts'
import type { CredentialRow } from '../credential.table.ts'
import { isRejected } from '../provider.ts'
import { vaultErrors } from '../vault.errors.ts'
import { deleteChoice, findChoice, saveChoice } from './active-credential.store.ts'
import { findCredential } from './credential.store.ts'
import type { CredentialChanges } from './credential-changes.ts'
import { isUsable } from './is-usable.ts'

/** What a member has chosen, and what is wrong with it. */
export interface ActiveCredential {
  readonly id: string | null
  readonly row: CredentialRow | undefined
  readonly problem: ChoiceProblem | null
}

interface ActiveCredentialOptions {
  readonly db: Db
  readonly clock: Clock
  readonly work: VaultWork
  readonly changes: CredentialChanges
}

const NOTHING: ActiveCredential = { id: null, row: undefined, problem: null }

/** What keeps a chosen credential from being used; first what switching it on would not mend. */
function problemOf(row: CredentialRow | undefined, now: Date): ChoiceProblem | null {
  if (!row) return 'deleted'
  if (isRejected(row.last_validation)) return 'refused'
  if (!row.is_active) return 'inactive'
  return isUsable(row, now) ? null : 'expired'
}

/** Which credential a member looks at and acts with. It is chosen by them alone, and stays chosen until they choose anew. */
export function createActiveCredential({ db, clock, work, changes }: ActiveCredentialOptions) {
  const choose = (by: Acting, id: string): Promise<ActiveCredential> =>
    work.attempt(by, { action: 'credential.chosen', about: aboutCredential(id) }, () =>
      work.held(by, async (tx) => {
        const row = await findCredential(tx, { id, userId: by.userId })
        if (!row) throw vaultErrors.credentialNotFound()
        const now = clock.now()
        if (!isUsable(row, now)) throw vaultErrors.credentialInactive()
        await saveChoice(tx, { user_id: by.userId, credential_id: id, chosen_at: now })
        changes.changed(tx, { userId: by.userId, credentialId: id })
        return { id, row, problem: problemOf(row, now) }
      }),
    )

  const clear = (by: Acting): Promise<ActiveCredential> =>
    work.held(by, async (tx) => {
      const id = await deleteChoice(tx, by.userId)
      if (id !== undefined) changes.changed(tx, { userId: by.userId, credentialId: id })
      return NOTHING
    })

  return {
    async get(userId: string): Promise<ActiveCredential> {
      const own = db.asMember(userId)
      const choice = await findChoice(own, userId)
      if (!choice) return NOTHING
      const id = choice.credential_id
      const row = await findCredential(own, { id, userId })
      return { id, row, problem: problemOf(row, clock.now()) }
    },

    /** `null` chooses none. Throws `vault.credential_not_found` and `vault.credential_inactive`. */
    choose: (by: Acting, id: string | null): Promise<ActiveCredential> =>
      id === null ? clear(by) : choose(by, id),
  }
}

export type ActiveCredentials = ReturnType<typeof createActiveCredential>
