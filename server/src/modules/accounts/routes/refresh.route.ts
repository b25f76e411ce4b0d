import { accountsContract } from '@outcry/contract/accounts'
import { MINUTE } from '../../../platform/durations.ts'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { clientFacts } from './client-facts.ts'

/** Spends a refresh token for new tokens. */
export const refreshRoute = defineRoute(accountsContract.refresh, {
  access: 'anyone',
  limit: { per: 'address', name: 'refresh', max: 60, windowMs: MINUTE },
  bodyLimit: authBodyLimit,
  handle({ body, request }, { refreshSession }: AccountsServices) {
    return refreshSession(body.refresh_token, clientFacts(request))
  },
})
