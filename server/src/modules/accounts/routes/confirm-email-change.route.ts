import { succeeded } from '@outcry/contract/conventions'
import { emailChangeContract } from '@outcry/contract/email-change'
import { MINUTE } from '../../../platform/durations.ts'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { endingSession } from './browser-session.ts'
import { clientFacts } from './client-facts.ts'

/** Changes an address; only this POST does, never a GET of the mailed link. */
export const confirmEmailChangeRoute = defineRoute(emailChangeContract.confirmEmailChange, {
  access: 'anyone',
  limit: { per: 'address', name: 'email-change-confirm', max: 10, windowMs: MINUTE, shared: true },
  bodyLimit: authBodyLimit,
  async handle({ body, request }, { emailChange, sessions }: AccountsServices) {
    await emailChange.confirm(body.token, clientFacts(request))
    return endingSession(succeeded('Your address is changed.'), request, sessions)
  },
})
