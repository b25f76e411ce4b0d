import { getUserRoute } from './get-user.route.ts'
import { listUsersRoute } from './list-users.route.ts'

/** The routes of `users`, by the names of their contract. */
export const userRoutes = { listUsers: listUsersRoute, getUser: getUserRoute } as const
