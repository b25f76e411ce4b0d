import { accountsContract } from '@outcry/contract/accounts'
import { HOUR } from '../../../platform/durations.ts'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { viewUserFull } from '../users/user.view.ts'
import { clientFacts } from './client-facts.ts'

/** Makes the first administrator. */
export const setupRoute = defineRoute(accountsContract.setup, {
  access: 'anyone',
  limit: { per: 'address', name: 'setup', max: 10, windowMs: HOUR, shared: true },
  bodyLimit: authBodyLimit,
  async handle({ body, request }, { setup }: AccountsServices) {
    const { token, username, email, password, display_name, full_name } = body
    const displayName = display_name ?? full_name ?? null
    const registration = { username, email, password, displayName }
    return viewUserFull(await setup.redeem(token, registration, clientFacts(request)))
  },
})
