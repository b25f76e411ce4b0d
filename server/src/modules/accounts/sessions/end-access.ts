import type { Clock } from '../../../platform/clock.ts'
import type { Tx } from '../../../platform/db/index.ts'
import { deleteEmailChangeTokensOf } from '../email-change/email-change-token.store.ts'
import { deleteChallengesOf } from '../passkeys/passkey-challenge.store.ts'
import { deletePasswordResetTokensOf } from '../passwords/password-reset-token.store.ts'
import { revokePersonalTokensOf } from '../personal-tokens/personal-token.store.ts'
import { deletePendingSignInsOf } from '../two-factor/pending-sign-in.store.ts'
import { type RevocationReason, revokeSessionsOf } from './session.store.ts'
import type { SignedInUsers } from './signed-in-users.ts'

export interface EndOfAccess {
  readonly userId: string
  readonly reason: RevocationReason
  /** The session that goes on, when its own member changed something in it. */
  readonly exceptSessionId?: string
  /** Leaves personal access tokens alone although no session goes on, as signing out everywhere does. */
  readonly keepsPersonalTokens?: boolean
}

/** Ends what was proven before, in the transaction of what makes that necessary. It binds the next request (C34, C48). */
export type EndAccess = (tx: Tx, end: EndOfAccess) => Promise<void>

/**
 * The one way to put somebody out: every session with its tokens, unfinished sign-ins, open challenges, links to reset the
 * password and to prove another address. What undoes a change of address stays, for whoever reads the address before. With
 * no session to keep, personal access tokens end as well; when a member changes a password, factor or address in a session
 * of theirs, or signs out everywhere, the tokens they made stay.
 */
export function createEndAccess(options: { clock: Clock; signedInUsers: SignedInUsers }): EndAccess {
  return async (tx, { userId, reason, exceptSessionId, keepsPersonalTokens }) => {
    const now = options.clock.now()
    await revokeSessionsOf(tx, { userId, now, reason, exceptSessionId })
    await deletePendingSignInsOf(tx, userId)
    await deleteChallengesOf(tx, userId)
    await deletePasswordResetTokensOf(tx, userId)
    await deleteEmailChangeTokensOf(tx, userId)
    if (exceptSessionId === undefined && !keepsPersonalTokens)
      await revokePersonalTokensOf(tx, { userId, now })
    options.signedInUsers.changed(tx, userId)
  }
}
