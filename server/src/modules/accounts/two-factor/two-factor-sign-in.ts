import type { Clock } from '../../../platform/clock.ts'
import { digestToken, equalDigests } from '../../../platform/crypto/opaque-token.ts'
import { NIL_UUID } from '../../../platform/crypto/uuid.ts'
import type { Db, Tx } from '../../../platform/db/index.ts'
import type { Throttle } from '../../../platform/throttle/throttle.ts'
import { PENDING_SIGN_IN_POLICY } from '../../../platform/throttle/throttle-policy.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { accountsPolicy } from '../accounts.policy.ts'
import type { ClientFacts } from '../client-facts.ts'
import type { CompleteSignIn } from '../sessions/complete-sign-in.ts'
import type { IssuedTokens } from '../sessions/session-tokens.ts'
import { findPendingSignIn, spendPendingSignIn } from './pending-sign-in.store.ts'
import type { PendingSignInRow } from './pending-sign-in.table.ts'
import type { SecondFactor } from './second-factor.ts'

export interface TwoFactorSignInOptions {
  readonly db: Db
  readonly clock: Clock
  readonly throttle: Throttle
  readonly secondFactor: SecondFactor
  readonly completeSignIn: CompleteSignIn
}

/** The second step of a sign-in. */
export interface SecondStep {
  readonly token: string
  readonly code: string
  /** The digest of the cookie that came along. */
  readonly browserHash: Uint8Array | undefined
}

/**
 * Finishes a sign-in that a right password began. Its token is good for five tries, five minutes and one session, in the
 * browser that began (C8, C19, C20). Throws `accounts.second_factor_incorrect`, one answer for every reason.
 */
export function createTwoFactorSignIn(options: TwoFactorSignInOptions) {
  const { db, clock, throttle, secondFactor, completeSignIn } = options

  const hasEnded = ({ used_at, expires_at }: PendingSignInRow) =>
    used_at !== null || expires_at <= clock.now()

  const objectionTo = (pending: PendingSignInRow, browserHash: Uint8Array | undefined) => {
    if (hasEnded(pending)) return 'ended'
    const { browser_hash: begunBy } = pending
    if (begunBy !== null && !(browserHash && equalDigests(begunBy, browserHash))) return 'other_browser'
    return undefined
  }

  // Note: the same steps whatever is wrong; those that belong to no sign-in count on nobody.
  const refusalOf = async (pending: PendingSignInRow | undefined, browserHash: Uint8Array | undefined) => {
    const objection = pending ? objectionTo(pending, browserHash) : 'unknown'
    const subject = pending && objection === undefined ? pending.id : NIL_UUID
    const mayTry = await throttle.take(PENDING_SIGN_IN_POLICY, subject)
    return objection ?? (mayTry ? undefined : 'ended')
  }

  const finish = async (tx: Tx, { id }: PendingSignInRow): Promise<void> => {
    const isMine = await spendPendingSignIn(tx, { id, now: clock.now() })
    if (!isMine) throw new Error('A sign-in was finished although its member was held.')
    await throttle.reset(tx, PENDING_SIGN_IN_POLICY, id)
  }

  return async ({ token, code, browserHash }: SecondStep, client: ClientFacts): Promise<IssuedTokens> => {
    const hash = digestToken(token)
    const pending = await findPendingSignIn(db.asSystem(), hash)
    const reason = await refusalOf(pending, browserHash)
    const issued = await secondFactor.try({
      userId: pending && reason === undefined ? pending.user_id : undefined,
      ...(reason === undefined ? {} : { refused: { userId: pending?.user_id, reason } }),
      code,
      client,
      action: 'sign_in.second_factor',
      async object(tx, user) {
        if (!accountsPolicy.holdSession(user, clock.now())) return 'closed'
        const now = await findPendingSignIn(tx, hash)
        return !now || hasEnded(now) ? 'ended' : undefined
      },
      async complete(tx, user, method) {
        if (!pending) throw new Error('There is no sign-in to finish.')
        await finish(tx, pending)
        const methods = [...pending.amr, method]
        return completeSignIn(tx, { user, methods, client, action: 'sign_in.second_factor' })
      },
    })
    if (issued) return issued
    throw accountsErrors.secondFactorIncorrect()
  }
}
