/** The routes of `two-factor`, by the names of their contract. */
export const twoFactorRoutes = {} as const
