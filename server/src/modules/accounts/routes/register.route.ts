import { accountsContract } from '@outcry/contract/accounts'
import { HOUR } from '../../../platform/durations.ts'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { viewUserFull } from '../users/user.view.ts'
import { clientFacts } from './client-facts.ts'

/** Creates a pending account and mails it a verification token. */
export const registerRoute = defineRoute(accountsContract.register, {
  access: 'anyone',
  limit: { per: 'address', name: 'register', max: 5, windowMs: HOUR, shared: true },
  bodyLimit: authBodyLimit,
  async handle({ body, request }, { register }: AccountsServices) {
    const { username, email, password, display_name, full_name } = body
    const displayName = display_name ?? full_name ?? null
    const user = await register({ username, email, password, displayName }, clientFacts(request))
    return viewUserFull(user)
  },
})
