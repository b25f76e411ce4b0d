import { endSessionRoute } from './end-session.route.ts'
import { listSessionsRoute } from './list-sessions.route.ts'
import { logoutRoute } from './logout.route.ts'

/** The routes of `sessions`, by the names of their contract. */
export const sessionRoutes = {
  logout: logoutRoute,
  listSessions: listSessionsRoute,
  endSession: endSessionRoute,
} as const
