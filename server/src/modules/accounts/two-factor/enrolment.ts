import { renderSVG } from 'uqr'
import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Db, Tx } from '../../../platform/db/index.ts'
import type { Throttle } from '../../../platform/throttle/throttle.ts'
import { SECOND_FACTOR_POLICY } from '../../../platform/throttle/throttle-policy.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { type Asking, askedBySelf } from '../asking.ts'
import type { Notify } from '../notices.ts'
import type { EndAccess } from '../sessions/end-access.ts'
import { holdMember } from '../sessions/hold-member.ts'
import { renewProof } from '../sessions/session.store.ts'
import type { SignedInUsers } from '../sessions/signed-in-users.ts'
import { findUser, updateUser } from '../users/user.store.ts'
import type { UserRow } from '../users/user.table.ts'
import type { BackupCodes } from './backup-codes.ts'
import type { SecondFactor } from './second-factor.ts'
import { createTotpSeed, describeSeed } from './totp.ts'

export interface EnrolmentOptions {
  readonly db: Db
  readonly clock: Clock
  readonly siteName: string
  readonly throttle: Throttle
  readonly audit: Audit
  readonly notify: Notify
  readonly endAccess: EndAccess
  readonly signedInUsers: SignedInUsers
  readonly backupCodes: BackupCodes
  readonly secondFactor: SecondFactor
}

/** What an enrolment shows, this once. */
export interface TwoFactorSetup {
  readonly secret: string
  readonly qr_code_url: string
  readonly qr_code_svg: string
  readonly backup_codes: readonly string[]
}

// The quiet zone of four modules that ISO/IEC 18004 asks for, and a level that survives a smudged screen.
const QR_CODE = { border: 4, ecc: 'M' } as const

/** Beginning to use an app: a seed is made and shown, and counts once a code of it has come back (C14). */
export function createEnrolment(options: EnrolmentOptions) {
  const { db, clock, throttle, audit, notify, endAccess, signedInUsers, backupCodes, secondFactor } = options

  const begin = (asking: Asking, sealedSeed: Uint8Array) =>
    db.withSystem(async (tx) => {
      const user = await holdMember(tx, asking.actor, clock.now())
      if (!user) throw accountsErrors.refreshInvalid()
      if (user.two_factor_enabled) return undefined
      // Note: no code of a new seed was used before, and wrong ones for the last seed say nothing about it.
      await updateUser(tx, user.id, {
        two_factor_secret: sealedSeed,
        two_factor_last_step: 0,
        updated_at: clock.now(),
      })
      await throttle.reset(tx, SECOND_FACTOR_POLICY, user.id)
      const codes = await backupCodes.replace(tx, user.id)
      signedInUsers.changed(tx, user.id)
      await audit.record(tx, { action: 'two_factor.begun', result: 'ok', ...askedBySelf(asking) })
      return { user, codes }
    })

  const turnOn = async (tx: Tx, user: UserRow, asking: Asking): Promise<true> => {
    const { userId, sessionId } = asking.actor
    const now = clock.now()
    await updateUser(tx, userId, { two_factor_enabled: true, updated_at: now })
    await endAccess(tx, { userId, reason: 'factor', exceptSessionId: sessionId })
    await renewProof(tx, { userId, sessionId, methods: ['otp'], now })
    await notify(tx, user, { kind: 'twoFactorEnabled', facts: asking.client })
    await audit.record(tx, { action: 'two_factor.enabled', result: 'ok', ...askedBySelf(asking) })
    return true
  }

  return {
    /**
     * A new seed and new backup codes, in place of those of an unfinished enrolment. Nothing asks for them before `verify`.
     * Throws `accounts.two_factor_on`.
     */
    async setUp(asking: Asking): Promise<TwoFactorSetup> {
      const seed = createTotpSeed()
      const begun = await begin(asking, secondFactor.seal(asking.actor.userId, seed))
      if (!begun) throw accountsErrors.twoFactorOn()
      const { secret, uri } = describeSeed(seed, { issuer: options.siteName, label: begun.user.username })
      seed.fill(0)
      const qr_code_svg = renderSVG(uri, QR_CODE)
      return { secret, qr_code_url: uri, qr_code_svg, backup_codes: begun.codes }
    },

    /**
     * One code of the app switches it on and ends every other session, which has shown no code. Throws
     * `accounts.two_factor_on`, `accounts.two_factor_not_begun` and `accounts.code_incorrect`.
     */
    async verify(code: string, asking: Asking): Promise<void> {
      const user = await findUser(db, asking.actor.userId)
      if (user?.two_factor_enabled) throw accountsErrors.twoFactorOn()
      if (!user?.two_factor_secret) throw accountsErrors.twoFactorNotBegun()
      const isOn = await secondFactor.try({
        userId: user.id,
        code,
        ...asking,
        action: 'two_factor.enabled',
        isEnrolment: true,
        complete: (tx, held) => turnOn(tx, held, asking),
      })
      if (!isOn) throw accountsErrors.codeIncorrect()
    },
  }
}
