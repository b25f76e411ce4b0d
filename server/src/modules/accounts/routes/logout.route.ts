import { succeeded } from '@outcry/contract/conventions'
import { sessionsContract } from '@outcry/contract/sessions'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { endingSession } from './browser-session.ts'
import { clientFacts } from './client-facts.ts'
import { sessionOf } from './session-of.ts'

/** Signs out of this session or of all. Pending members may sign in, so they may sign out. */
export const logoutRoute = defineRoute(sessionsContract.logout, {
  access: 'signed-in-or-pending',
  limit: 'default',
  bodyLimit: authBodyLimit,
  async handle({ actor, body, request }, { sessions }: AccountsServices) {
    const [session, client] = [sessionOf(actor), clientFacts(request)]
    if (body.all) {
      await sessions.signOutEverywhere(session, client)
      return endingSession(succeeded('You are signed out everywhere.'), request, sessions)
    }
    await sessions.signOut(session, client)
    return endingSession(succeeded('You are signed out.'), request, sessions)
  },
})
