import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Sealer } from '../../../platform/crypto/sealed.ts'
import type { Db } from '../../../platform/db/index.ts'
import type { Throttle } from '../../../platform/throttle/throttle.ts'
import type { Notify } from '../notices.ts'
import type { ProvePasskey } from '../passkeys/prove-passkey.ts'
import type { ProvePassword } from '../passwords/prove-password.ts'
import type { Site } from '../registration/verification-mail.ts'
import type { CompleteSignIn } from '../sessions/complete-sign-in.ts'
import type { EndAccess } from '../sessions/end-access.ts'
import { createReauthenticate } from '../sessions/reauthenticate.ts'
import type { SignedInUsers } from '../sessions/signed-in-users.ts'
import { createBackupCodes } from './backup-codes.ts'
import { createDisableTwoFactor } from './disable-two-factor.ts'
import { createEnrolment } from './enrolment.ts'
import { createSecondFactor } from './second-factor.ts'
import { createTwoFactorSignIn } from './two-factor-sign-in.ts'

export interface TwoFactorOptions {
  readonly db: Db
  readonly clock: Clock
  readonly newId: () => string
  readonly sealer: Sealer
  readonly site: Site
  readonly throttle: Throttle
  readonly audit: Audit
  readonly notify: Notify
  readonly endAccess: EndAccess
  readonly signedInUsers: SignedInUsers
  readonly completeSignIn: CompleteSignIn
  readonly provePassword: ProvePassword
  readonly provePasskey: ProvePasskey
}

/** Sign-in with codes of an app: switching it on and off, its backup codes, the second step, and proving again. */
export function createTwoFactor(options: TwoFactorOptions) {
  const secondFactor = createSecondFactor(options)
  const backupCodes = createBackupCodes(options)
  return {
    ...createEnrolment({ ...options, siteName: options.site.name, backupCodes, secondFactor }),
    disable: createDisableTwoFactor({ ...options, secondFactor }),
    renewBackupCodes: backupCodes.renew,
    signIn: createTwoFactorSignIn({ ...options, secondFactor }),
    reauthenticate: createReauthenticate({ ...options, secondFactor }),
  }
}
