/** The routes of `passkeys`, by the names of their contract. */
export const passkeyRoutes = {} as const
