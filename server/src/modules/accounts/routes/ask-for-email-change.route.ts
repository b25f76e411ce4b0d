import { succeeded } from '@outcry/contract/conventions'
import { emailChangeContract } from '@outcry/contract/email-change'
import { unauthenticated } from '../../../platform/http/http-errors.ts'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { askingIn } from './asking.ts'
import { emailChangeLimits } from './limits.ts'

/** Has a link mailed to a new address. Says the same about every address that is not one's own. */
export const askForEmailChangeRoute = defineRoute(emailChangeContract.askForEmailChange, {
  access: 'fresh',
  limit: emailChangeLimits,
  bodyLimit: authBodyLimit,
  async handle({ actor, body, request }, { emailChange }: AccountsServices) {
    if (!(await emailChange.ask(body.email, askingIn({ actor, request })))) throw unauthenticated()
    return succeeded('A mail is on its way to the new address; open its link within 10 minutes.')
  },
})
