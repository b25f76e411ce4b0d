import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import { digestToken } from '../../../platform/crypto/opaque-token.ts'
import type { Db } from '../../../platform/db/index.ts'
import { aboutUser, askedFrom } from '../accounts.audit.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { ClientFacts } from '../client-facts.ts'
import type { SignedInUsers } from '../sessions/signed-in-users.ts'
import { markEmailVerified } from '../users/user.store.ts'
import {
  consumeEmailVerificationToken,
  deleteVerificationTokensOf,
} from './email-verification-token.store.ts'

export interface VerifyEmailOptions {
  readonly db: Db
  readonly clock: Clock
  readonly audit: Audit
  readonly signedInUsers: SignedInUsers
}

/** Proving an address: spends the mailed token and makes a pending account active, both or neither. Its other tokens die. */
export function createVerifyEmail({ db, clock, audit, signedInUsers }: VerifyEmailOptions) {
  return async (token: string, client: ClientFacts): Promise<void> => {
    const isProven = await db.withSystem(async (tx) => {
      const now = clock.now()
      const proof = await consumeEmailVerificationToken(tx, { hash: digestToken(token), now })
      if (proof) {
        await deleteVerificationTokensOf(tx, proof.user_id)
        await markEmailVerified(tx, proof.user_id, now)
        signedInUsers.changed(tx, proof.user_id)
      }
      await audit.record(tx, {
        action: 'account.email_verified',
        result: proof ? 'ok' : 'refused',
        ...(proof ? { actorId: proof.user_id, ...aboutUser(proof.user_id) } : {}),
        ...askedFrom(client),
      })
      return proof !== undefined
    })
    if (!isProven) throw accountsErrors.tokenInvalid()
  }
}
