import { succeeded } from '@outcry/contract/conventions'
import { sessionsContract } from '@outcry/contract/sessions'
import { defineRoute } from '../../../platform/http/route.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { endingSession } from './browser-session.ts'
import { clientFacts } from './client-facts.ts'
import { sessionOf } from './session-of.ts'

/** Ends one of your sessions, on another device or here. */
export const endSessionRoute = defineRoute(sessionsContract.endSession, {
  access: 'signed-in-or-pending',
  limit: 'default',
  notFound: accountsErrors.sessionNotFound,
  async handle({ actor, params, request }, { sessions }: AccountsServices) {
    await sessions.end(sessionOf(actor), params.id, clientFacts(request))
    return endingSession(succeeded('The session has ended.'), request, sessions)
  },
})
