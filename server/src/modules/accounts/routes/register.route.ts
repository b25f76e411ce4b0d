import { accountsContract } from '@outcry/contract/accounts'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { viewUserFull } from '../user.view.ts'
import { clientFacts } from './client-facts.ts'
import { HOUR_MS } from './limits.ts'

/** Creates a pending account and mails it a verification token. */
export const registerRoute = defineRoute(accountsContract.register, {
  access: 'anyone',
  limit: { per: 'address', name: 'register', max: 5, windowMs: HOUR_MS, shared: true },
  bodyLimit: authBodyLimit,
  async handle({ body, request }, { registration, signup }: AccountsServices) {
    if (signup !== 'open') throw accountsErrors.signupClosed()
    const displayName = body.display_name ?? body.full_name ?? null
    const { username, email, password } = body
    return viewUserFull(
      await registration.register({ username, email, password, displayName }, clientFacts(request)),
    )
  },
})
