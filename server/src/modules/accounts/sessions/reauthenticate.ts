import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Db, Tx } from '../../../platform/db/index.ts'
import type { Throttle } from '../../../platform/throttle/throttle.ts'
import { PASSWORD_POLICY } from '../../../platform/throttle/throttle-policy.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { type Asking, askedBySelf } from '../asking.ts'
import type { AssertionAnswer } from '../passkeys/passkey-answer.ts'
import type { ProvePasskey } from '../passkeys/prove-passkey.ts'
import { methodsOf } from '../passkeys/sign-in-with-passkey.ts'
import type { ProvePassword } from '../passwords/prove-password.ts'
import type { SecondFactor } from '../two-factor/second-factor.ts'
import { findUser } from '../users/user.store.ts'
import { holdMember } from './hold-member.ts'
import { renewProof } from './session.store.ts'
import type { SignedInUsers } from './signed-in-users.ts'

export interface ReauthenticateOptions {
  readonly db: Db
  readonly clock: Clock
  readonly throttle: Throttle
  readonly audit: Audit
  readonly signedInUsers: SignedInUsers
  readonly provePassword: ProvePassword
  readonly secondFactor: SecondFactor
  readonly provePasskey: ProvePasskey
}

/** What a member shows; exactly one of the three. */
export interface ShownProof {
  readonly password?: string | undefined
  readonly code?: string | undefined
  readonly passkey?: AssertionAnswer | undefined
  /** The digest of the browser's cookie, which a passkey's challenge is bound to. */
  readonly browserHash: Uint8Array | undefined
}

const action = 'session.reauthenticated'

/**
 * Proves again that a session is its member's; it is fresh for five minutes from then on. Where a second factor is on, a
 * password alone proves nothing: it takes a code or a passkey (C36). Throws `accounts.proof_missing`,
 * `accounts.proof_incorrect` and `accounts.busy`.
 */
export function createReauthenticate(options: ReauthenticateOptions) {
  const { db, clock, throttle, audit, signedInUsers, provePassword, secondFactor, provePasskey } = options

  const renew = async (tx: Tx, methods: readonly string[], asking: Asking): Promise<true> => {
    const { userId, sessionId } = asking.actor
    const isRenewed = await renewProof(tx, { userId, sessionId, methods, now: clock.now() })
    if (!isRenewed) throw new Error('A session ended although its member was held.')
    signedInUsers.changed(tx, userId)
    await audit.record(tx, { action, result: 'ok', factor: methods.join(' '), ...askedBySelf(asking) })
    return true
  }

  const refuse = async (reason: string, asking: Asking): Promise<false> => {
    const refusal = { action, result: 'refused', ...askedBySelf(asking), details: { reason } } as const
    await db.withSystem((tx) => audit.record(tx, refusal))
    return false
  }

  const byPassword = async (password: string, asking: Asking): Promise<boolean> => {
    const user = await findUser(db, asking.actor.userId)
    if (!user || user.two_factor_enabled) return refuse('second_factor_on', asking)
    const proven = await provePassword({ user, password, client: asking.client })
    if (proven !== 'right') return refuse(proven, asking)
    const isRenewed = await db.withSystem(async (tx) => {
      await throttle.clear(tx, PASSWORD_POLICY, user.id)
      const held = await holdMember(tx, asking.actor, clock.now())
      if (held?.password_hash !== user.password_hash || held.two_factor_enabled) return false
      return renew(tx, ['pwd'], asking)
    })
    return isRenewed || refuse('superseded', asking)
  }

  const byCode = async (code: string, asking: Asking): Promise<boolean> => {
    const { userId } = asking.actor
    const isRenewed = await secondFactor.try({
      userId,
      code,
      ...asking,
      action,
      complete: (tx, _user, method) => renew(tx, [method], asking),
    })
    return isRenewed ?? false
  }

  const byPasskey = async (
    passkey: AssertionAnswer,
    browserHash: Uint8Array | undefined,
    asking: Asking,
  ): Promise<boolean> => {
    const purpose = { ceremony: 'reauthenticate', userId: asking.actor.userId, browserHash } as const
    const checked = await provePasskey.check(passkey, purpose)
    if ('refusal' in checked) return refuse(checked.refusal, asking)
    const { proof } = checked
    const outcome = await db.withSystem(async (tx) => {
      const held = await holdMember(tx, asking.actor, clock.now())
      if (!held) return 'superseded'
      const refusal = await provePasskey.spend(tx, held, { proof, client: asking.client })
      return refusal ?? renew(tx, methodsOf(proof.use), asking)
    })
    return outcome === true || refuse(outcome, asking)
  }

  return async ({ password, code, passkey, browserHash }: ShownProof, asking: Asking): Promise<void> => {
    const shown = [password, code, passkey].filter((proof) => proof !== undefined)
    if (shown.length !== 1) {
      const errors = [{ path: 'body', message: 'must hold one of password, code and passkey' }]
      throw accountsErrors.proofMissing({}, { errors })
    }
    const isProven =
      (password !== undefined && (await byPassword(password, asking))) ||
      (code !== undefined && (await byCode(code, asking))) ||
      (passkey !== undefined && (await byPasskey(passkey, browserHash, asking)))
    if (!isProven) throw accountsErrors.proofIncorrect()
  }
}
