import { createPersonalTokenRoute } from './create-personal-token.route.ts'
import { listPersonalTokensRoute } from './list-personal-tokens.route.ts'
import { revokePersonalTokenRoute } from './revoke-personal-token.route.ts'

/** The routes of `personal-tokens`, by the names of their contract. */
export const personalTokenRoutes = {
  createPersonalToken: createPersonalTokenRoute,
  listPersonalTokens: listPersonalTokensRoute,
  revokePersonalToken: revokePersonalTokenRoute,
} as const
