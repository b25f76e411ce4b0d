import { accountsContract } from '@outcry/contract/accounts'
import { succeeded } from '@outcry/contract/conventions'
import { MINUTE } from '../../../platform/durations.ts'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { clientFacts } from './client-facts.ts'

/** Proves an address; only this POST does, never a GET of the mailed link. */
export const verifyEmailRoute = defineRoute(accountsContract.verifyEmail, {
  access: 'anyone',
  limit: { per: 'address', name: 'verify-email', max: 30, windowMs: MINUTE },
  bodyLimit: authBodyLimit,
  async handle({ body, request }, { verifyEmail }: AccountsServices) {
    await verifyEmail(body.token, clientFacts(request))
    return succeeded('Your address is verified.')
  },
})
