import { accountsContract } from '@outcry/contract/accounts'
import { MINUTE } from '../../../platform/durations.ts'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { refreshTokens } from './browser-session.ts'
import { clientFacts } from './client-facts.ts'

/** Spends a refresh token for new tokens. */
export const refreshRoute = defineRoute(accountsContract.refresh, {
  access: 'anyone',
  limit: { per: 'address', name: 'refresh', max: 60, windowMs: MINUTE },
  bodyLimit: authBodyLimit,
  keepsSession: true,
  handle({ body, headers, request }, { refreshSession }: AccountsServices) {
    const call = { body, headers, request }
    return refreshTokens(call, (token) => refreshSession(token, clientFacts(request)))
  },
})
