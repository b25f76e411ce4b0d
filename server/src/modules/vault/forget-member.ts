import type { Audit } from '../../platform/audit/audit.ts'
import type { Db } from '../../platform/db/index.ts'
import type { Events } from '../../platform/jobs/events.ts'
import { userDeleted } from '../accounts/index.ts'
import { deleteAccountsOf } from './accounts/user-account.store.ts'
import { aboutCredential } from './acting.ts'
import { deleteChoice } from './credentials/active-credential.store.ts'
import { listCredentialsOf } from './credentials/credential.store.ts'

interface ForgetMemberOptions {
  readonly db: Db
  readonly audit: Audit
  readonly events: Pick<Events, 'on'>
}

/**
 * Deletes every trading account of a member who is gone, with every credential in it, and what they had chosen. From the deletion of the member on
 * nobody can use them: their sessions and tokens ended with it.
 */
export function forgetDeletedMembers({ db, audit, events }: ForgetMemberOptions): void {
  events.on(userDeleted, {
    name: 'vault.forget_member',
    async run({ payload: { user_id: userId }, complete }) {
      await db.withSystem(async (tx) => {
        const credentials = await listCredentialsOf(tx, userId)
        await deleteAccountsOf(tx, userId)
        await deleteChoice(tx, userId)
        await complete(tx)
        for (const { id, environment } of credentials) {
          await audit.record(tx, {
            action: 'credential.deleted',
            result: 'ok',
            ...aboutCredential(id),
            details: { environment, with: 'user', user_id: userId },
          })
        }
      })
    },
  })
}
