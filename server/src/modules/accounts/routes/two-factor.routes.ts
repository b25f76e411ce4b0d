import { disableTwoFactorRoute } from './disable-two-factor.route.ts'
import { reauthenticateRoute } from './reauthenticate.route.ts'
import { renewBackupCodesRoute } from './renew-backup-codes.route.ts'
import { setUpTwoFactorRoute } from './set-up-two-factor.route.ts'
import { twoFactorLoginRoute } from './two-factor-login.route.ts'
import { verifyTwoFactorRoute } from './verify-two-factor.route.ts'

/** The routes of `two-factor`, by the names of their contract. */
export const twoFactorRoutes = {
  twoFactorLogin: twoFactorLoginRoute,
  setUpTwoFactor: setUpTwoFactorRoute,
  verifyTwoFactor: verifyTwoFactorRoute,
  disableTwoFactor: disableTwoFactorRoute,
  renewBackupCodes: renewBackupCodesRoute,
  reauthenticate: reauthenticateRoute,
} as const
