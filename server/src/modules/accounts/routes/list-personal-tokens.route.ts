import { personalTokensContract } from '@outcry/contract/personal-tokens'
import { defineRoute } from '../../../platform/http/route.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { viewPersonalToken } from '../personal-tokens/personal-token.view.ts'

/** Lists your personal access tokens that have not ended; there are never more than fifty. */
export const listPersonalTokensRoute = defineRoute(personalTokensContract.listPersonalTokens, {
  access: 'fresh',
  limit: 'default',
  async handle({ actor }, { personalTokens }: AccountsServices) {
    const rows = await personalTokens.list(actor.id)
    return { items: rows.map(viewPersonalToken), total: rows.length }
  },
})
