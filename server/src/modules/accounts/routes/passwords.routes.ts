/** The routes of `passwords`, by the names of their contract. */
export const passwordRoutes = {} as const
