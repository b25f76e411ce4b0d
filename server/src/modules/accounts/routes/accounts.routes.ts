import { type BoundRoute, bindRoutes } from '../../../platform/http/route.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { getMeRoute } from './get-me.route.ts'
import { getUserRoute } from './get-user.route.ts'
import { listUsersRoute } from './list-users.route.ts'
import { loginRoute } from './login.route.ts'
import { loginJsonRoute } from './login-json.route.ts'
import { refreshRoute } from './refresh.route.ts'
import { registerRoute } from './register.route.ts'
import { verifyEmailRoute } from './verify-email.route.ts'

/** The routes of this module by the names of their contract. */
export function accountsRoutes(services: AccountsServices): BoundRoute[] {
  return bindRoutes(services, {
    register: registerRoute,
    verifyEmail: verifyEmailRoute,
    login: loginRoute,
    loginJson: loginJsonRoute,
    refresh: refreshRoute,
    getMe: getMeRoute,
    listUsers: listUsersRoute,
    getUser: getUserRoute,
  })
}
