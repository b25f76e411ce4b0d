/** The routes of `personal-tokens`, by the names of their contract. */
export const personalTokenRoutes = {} as const
