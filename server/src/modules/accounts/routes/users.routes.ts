import { deleteUserRoute } from './delete-user.route.ts'
import { getSelfRoute } from './get-self.route.ts'
import { getUserRoute } from './get-user.route.ts'
import { listAccountEventsRoute } from './list-account-events.route.ts'
import { listUsersRoute } from './list-users.route.ts'
import { searchUsersRoute } from './search-users.route.ts'
import { updateSelfRoute } from './update-self.route.ts'

/** The routes of `users`, by the names of their contract. */
export const userRoutes = {
  getSelf: getSelfRoute,
  updateSelf: updateSelfRoute,
  listAccountEvents: listAccountEventsRoute,
  listUsers: listUsersRoute,
  searchUsers: searchUsersRoute,
  getUser: getUserRoute,
  deleteUser: deleteUserRoute,
} as const
