/** The routes of `relations`, by the names of their contract. */
export const relationRoutes = {} as const
