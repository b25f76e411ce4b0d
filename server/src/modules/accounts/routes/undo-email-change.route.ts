import { succeeded } from '@outcry/contract/conventions'
import { emailChangeContract } from '@outcry/contract/email-change'
import { MINUTE } from '../../../platform/durations.ts'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { endingSession } from './browser-session.ts'
import { clientFacts } from './client-facts.ts'

/** Gives an address back; only this POST does, never a GET of the mailed link. */
export const undoEmailChangeRoute = defineRoute(emailChangeContract.undoEmailChange, {
  access: 'anyone',
  limit: { per: 'address', name: 'email-change-undo', max: 10, windowMs: MINUTE, shared: true },
  bodyLimit: authBodyLimit,
  async handle({ body, request }, { emailChange, sessions }: AccountsServices) {
    await emailChange.undo(body.token, clientFacts(request))
    const message = 'Your address is restored; set a new password with the link that is on its way to it.'
    return endingSession(succeeded(message), request, sessions)
  },
})
