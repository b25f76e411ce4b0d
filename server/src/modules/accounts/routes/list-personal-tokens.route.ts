import { personalTokensContract } from '@outcry/contract/personal-tokens'
import { defineRoute } from '../../../platform/http/route.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { viewPersonalToken } from '../personal-tokens/personal-token.view.ts'

/** Lists your personal access tokens that have not ended; there are never more than fifty. */
export const listPersonalTokensRoute = defineRoute(personalTokensContract.listPersonalTokens, {
  access: 'fresh',
  limit: 'default',
  async handle({ actor, query }, { personalTokens }: AccountsServices) {
    const { items, ...page } = await personalTokens.list(actor.id, query)
    return { items: items.map(viewPersonalToken), ...page }
  },
})
