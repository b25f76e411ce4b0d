import { accountsContract } from '@outcry/contract/accounts'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { beginSignIn } from './begin-sign-in.ts'
import { loginLimits } from './limits.ts'

/** Signs in with the form of the OAuth 2.0 password grant (RFC 6749 section 4.3). */
export const loginRoute = defineRoute(accountsContract.login, {
  access: 'anyone',
  limit: loginLimits,
  bodyLimit: authBodyLimit,
  handle({ body, headers, request }, services: AccountsServices) {
    const typed = { identifier: body.username, password: body.password }
    return beginSignIn(services, typed, { headers, request })
  },
})
