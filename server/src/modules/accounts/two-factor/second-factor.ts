import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Sealer } from '../../../platform/crypto/sealed.ts'
import { NIL_UUID } from '../../../platform/crypto/uuid.ts'
import { bindingOf, type Db, type Tx } from '../../../platform/db/index.ts'
import type { Throttle } from '../../../platform/throttle/throttle.ts'
import { LOCKOUT_NOTICE_POLICY, SECOND_FACTOR_POLICY } from '../../../platform/throttle/throttle-policy.ts'
import { aboutUser, askedFrom } from '../accounts.audit.ts'
import type { ClientFacts } from '../client-facts.ts'
import type { NoticeKind, Notify } from '../notices.ts'
import { holdMember } from '../sessions/hold-member.ts'
import type { SessionOf } from '../sessions/signed-in-users.ts'
import { advanceTwoFactorStep, findUser, lockUser } from '../users/user.store.ts'
import { type UserRow, users } from '../users/user.table.ts'
import { countUnusedRecoveryCodes, spendRecoveryCode } from './recovery-code.store.ts'
import { digestRecoveryCode } from './recovery-codes.ts'
import { isTotpCode, matchingSteps } from './totp.ts'

/** How a code proved its member; RFC 8176. */
export type SecondFactorMethod = 'otp' | 'kba'

/** One try at a member's second factor. */
export interface SecondFactorTry<T> {
  /** Whose factor it should be; nobody's, when the request names none that may be tried. */
  readonly userId: string | undefined
  readonly code: string
  readonly client: ClientFacts
  /** The name of the audit entry that a refusal leaves, and the session that tries. */
  readonly action: string
  readonly actor?: SessionOf
  /** Whom a refusal is about when there is nothing to try, and why there is not. */
  readonly refused?: { readonly userId: string | undefined; readonly reason: string }
  /** The code proves an app that is not in use yet, so backup codes do not count. */
  readonly isEnrolment?: boolean
  /** Why the member, held by the transaction, may not go on; before the code is looked at. */
  object?(tx: Tx, user: UserRow): Promise<string | undefined>
  /** What the code brings about, in the transaction that uses it up. */
  complete(tx: Tx, user: UserRow, method: SecondFactorMethod): Promise<T>
}

/** Codes of apps and backup codes: each proves its member once. */
export interface SecondFactor {
  /** Seals the seed of a member's app for its column. */
  seal(userId: string, seed: Uint8Array): Uint8Array
  /**
   * Counts a try, uses up its code and completes what it is for, all or nothing; `undefined` when it is refused, for
   * whatever reason, at the same cost. A refusal is in the audit log, and a member whose factor it locked is told (C8).
   */
  try<T>(attempt: SecondFactorTry<T>): Promise<T | undefined>
}

export interface SecondFactorOptions {
  readonly db: Db
  readonly clock: Clock
  readonly sealer: Sealer
  readonly throttle: Throttle
  readonly audit: Audit
  readonly notify: Notify
}

type Outcome<T> = { readonly done: T } | { readonly reason: string }
type Used = { readonly method: 'otp' } | { readonly method: 'kba'; readonly codesLeft: number }

const seedBinding = (id: string) => bindingOf(users, 'two_factor_secret', { row: { id }, version: 1 })

const lockouts = { waiting: 'secondFactorLocked', disabled: 'secondFactorDisabled' } as const

const leftInWords = (count: number): string =>
  count === 0 ? 'None is left; make new ones.' : `${count} ${count === 1 ? 'is' : 'are'} left.`

export function createSecondFactor(options: SecondFactorOptions): SecondFactor {
  const { db, clock, sealer, throttle, audit, notify } = options

  const useTotp = async (tx: Tx, user: UserRow, code: string): Promise<Used | undefined> => {
    if (user.two_factor_secret === null) return undefined
    const seed = sealer.open(seedBinding(user.id), user.two_factor_secret)
    const steps = matchingSteps(seed, code, clock.now())
    seed.fill(0)
    const step = steps.find((at) => at > user.two_factor_last_step)
    if (step === undefined || !(await advanceTwoFactorStep(tx, { id: user.id, step }))) return undefined
    return { method: 'otp' }
  }

  const useRecoveryCode = async (tx: Tx, user: UserRow, code: string): Promise<Used | undefined> => {
    const hash = digestRecoveryCode(code)
    if (!hash || !(await spendRecoveryCode(tx, { userId: user.id, hash, now: clock.now() }))) return undefined
    return { method: 'kba', codesLeft: await countUnusedRecoveryCodes(tx, user.id) }
  }

  const use = async (tx: Tx, user: UserRow, attempt: SecondFactorTry<unknown>): Promise<Used | undefined> => {
    if (isTotpCode(attempt.code)) return useTotp(tx, user, attempt.code)
    return attempt.isEnrolment ? undefined : useRecoveryCode(tx, user, attempt.code)
  }

  const prove = async <T>(tx: Tx, isAllowed: boolean, attempt: SecondFactorTry<T>): Promise<Outcome<T>> => {
    // Note: everything that changes a member's factor, password or status takes this lock first, so either it shows here or
    // it comes after and ends what is opened here.
    const user = await (attempt.actor
      ? holdMember(tx, attempt.actor, clock.now())
      : lockUser(tx, attempt.userId ?? NIL_UUID))
    if (!user || user.two_factor_enabled === (attempt.isEnrolment === true)) return { reason: 'off' }
    const objection = await attempt.object?.(tx, user)
    if (objection !== undefined) return { reason: objection }
    if (!isAllowed) return { reason: 'locked' }
    const used = await use(tx, user, attempt)
    if (!used) return { reason: 'wrong' }
    await throttle.clear(tx, SECOND_FACTOR_POLICY, user.id)
    if (used.method === 'kba') {
      const facts = { ...attempt.client, detail: leftInWords(used.codesLeft) }
      await notify(tx, user, { kind: 'backupCodeUsed', facts })
    }
    return { done: await attempt.complete(tx, user, used.method) }
  }

  /** Of tries that brought it about together, one tells. */
  const lockoutAfter = async (userId: string | undefined): Promise<NoticeKind | undefined> => {
    const { kind } = await throttle.standing(SECOND_FACTOR_POLICY, userId ?? NIL_UUID)
    if (kind === 'open' || userId === undefined) return undefined
    const mayTell = await throttle.take(LOCKOUT_NOTICE_POLICY, `${kind} ${userId}`)
    return mayTell ? lockouts[kind] : undefined
  }

  const refuse = async (reason: string, wasCounted: boolean, attempt: SecondFactorTry<unknown>) => {
    const { userId = attempt.refused?.userId, client, actor } = attempt
    const lockout = await lockoutAfter(wasCounted ? attempt.userId : undefined)
    await db.withSystem(async (tx) => {
      const user = lockout && userId !== undefined ? await findUser(tx, userId) : undefined
      if (lockout && user) await notify(tx, user, { kind: lockout, facts: client })
      await audit.record(tx, {
        action: attempt.action,
        result: 'refused',
        ...(actor ? { actorId: actor.userId, sessionId: actor.sessionId } : {}),
        ...(userId === undefined ? {} : aboutUser(userId)),
        ...askedFrom(client),
        details: { reason: attempt.refused?.reason ?? reason, ...(lockout ? { lockout } : {}) },
      })
    })
  }

  return {
    seal: (userId, seed) => sealer.seal(seedBinding(userId), seed),
    async try(attempt) {
      const isAllowed = await throttle.take(SECOND_FACTOR_POLICY, attempt.userId ?? NIL_UUID)
      const outcome = await db.withSystem((tx) => prove(tx, isAllowed, attempt))
      if ('done' in outcome) return outcome.done
      await refuse(outcome.reason, isAllowed, attempt)
      return undefined
    },
  }
}
