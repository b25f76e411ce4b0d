import { type BoundRoute, bindRoutes } from '../../../platform/http/route.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { emailChangeRoutes } from './email-change.routes.ts'
import { getMeRoute } from './get-me.route.ts'
import { loginRoute } from './login.route.ts'
import { loginJsonRoute } from './login-json.route.ts'
import { passkeyRoutes } from './passkeys.routes.ts'
import { passwordRoutes } from './passwords.routes.ts'
import { personalTokenRoutes } from './personal-tokens.routes.ts'
import { refreshRoute } from './refresh.route.ts'
import { registerRoute } from './register.route.ts'
import { relationRoutes } from './relations.routes.ts'
import { resendVerificationRoute } from './resend-verification.route.ts'
import { sessionRoutes } from './sessions.routes.ts'
import { setupRoute } from './setup.route.ts'
import { twoFactorRoutes } from './two-factor.routes.ts'
import { userAdministrationRoutes } from './user-administration.routes.ts'
import { userRoutes } from './users.routes.ts'
import { verifyEmailRoute } from './verify-email.route.ts'

/** The routes of this module by the names of their contract. */
export function accountsRoutes(services: AccountsServices): BoundRoute[] {
  return bindRoutes(services, {
    register: registerRoute,
    verifyEmail: verifyEmailRoute,
    resendVerification: resendVerificationRoute,
    login: loginRoute,
    loginJson: loginJsonRoute,
    refresh: refreshRoute,
    setup: setupRoute,
    getMe: getMeRoute,
    ...sessionRoutes,
    ...passwordRoutes,
    ...emailChangeRoutes,
    ...twoFactorRoutes,
    ...passkeyRoutes,
    ...personalTokenRoutes,
    ...userRoutes,
    ...relationRoutes,
    ...userAdministrationRoutes,
  })
}
