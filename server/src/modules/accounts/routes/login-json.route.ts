import { accountsContract } from '@outcry/contract/accounts'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { beginSignIn } from './begin-sign-in.ts'
import { loginLimits } from './limits.ts'

/** Signs in with JSON; the same door as the form. */
export const loginJsonRoute = defineRoute(accountsContract.loginJson, {
  access: 'anyone',
  limit: loginLimits,
  bodyLimit: authBodyLimit,
  handle({ body, headers, request }, services: AccountsServices) {
    const typed = { identifier: body.username_or_email, password: body.password }
    return beginSignIn(services, typed, { headers, request })
  },
})
