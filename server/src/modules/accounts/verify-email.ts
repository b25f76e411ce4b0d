import type { Audit } from '../../platform/audit/audit.ts'
import type { Clock } from '../../platform/clock.ts'
import { digestToken } from '../../platform/crypto/opaque-token.ts'
import type { Db } from '../../platform/db/index.ts'
import { accountsErrors } from './accounts.errors.ts'
import { consumeEmailVerificationToken } from './email-verification-token.store.ts'
import type { ClientFacts } from './session-tokens.ts'
import { activatePendingUser } from './user.store.ts'

/** Proving an address: spends the mailed token and makes a pending account active, both or neither. */
export function createVerifyEmail({ db, clock, audit }: { db: Db; clock: Clock; audit: Audit }) {
  return async (token: string, client: ClientFacts): Promise<void> => {
    const isSpent = await db.withSystem(async (tx) => {
      const now = clock.now()
      const found = await consumeEmailVerificationToken(tx, { hash: digestToken(token), now })
      if (!found) return false
      await activatePendingUser(tx, found.user_id, now)
      await audit.record(tx, {
        action: 'account.email_verified',
        result: 'ok',
        actorId: found.user_id,
        objectType: 'user',
        objectId: found.user_id,
        address: client.address,
        requestId: client.requestId,
      })
      return true
    })
    if (!isSpent) throw accountsErrors.tokenInvalid()
  }
}
