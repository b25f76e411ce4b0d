/** The routes of `sessions`, by the names of their contract. */
export const sessionRoutes = {} as const
