/** The routes of `user-administration`, by the names of their contract. */
export const userAdministrationRoutes = {} as const
