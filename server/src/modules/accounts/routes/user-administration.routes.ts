import { activateUserRoute } from './activate-user.route.ts'
import { administerUserRoute } from './administer-user.route.ts'
import { deactivateUserRoute } from './deactivate-user.route.ts'
import { suspendUserRoute } from './suspend-user.route.ts'

/** The routes of `user-administration`, by the names of their contract. */
export const userAdministrationRoutes = {
  administerUser: administerUserRoute,
  activateUser: activateUserRoute,
  deactivateUser: deactivateUserRoute,
  suspendUser: suspendUserRoute,
} as const
