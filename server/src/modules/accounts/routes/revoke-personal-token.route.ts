import { succeeded } from '@outcry/contract/conventions'
import { personalTokensContract } from '@outcry/contract/personal-tokens'
import { defineRoute } from '../../../platform/http/route.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { clientFacts } from './client-facts.ts'
import { sessionOf } from './session-of.ts'

/** Ends one of your personal access tokens. */
export const revokePersonalTokenRoute = defineRoute(personalTokensContract.revokePersonalToken, {
  access: 'fresh',
  limit: 'default',
  notFound: accountsErrors.personalTokenNotFound,
  async handle({ actor, params, request }, { personalTokens }: AccountsServices) {
    await personalTokens.revoke(sessionOf(actor), params.id, clientFacts(request))
    return succeeded('The token has ended.')
  },
})
