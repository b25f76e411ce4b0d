import { sessionsContract } from '@outcry/contract/sessions'
import { defineRoute } from '../../../platform/http/route.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { viewSession } from '../sessions/session.view.ts'
import { sessionOf } from './session-of.ts'

/** Lists your open sessions; there are never more than twenty. */
export const listSessionsRoute = defineRoute(sessionsContract.listSessions, {
  access: 'signed-in-or-pending',
  limit: 'default',
  async handle({ actor, query }, { sessions }: AccountsServices) {
    const current = sessionOf(actor)
    const { items, ...page } = await sessions.list(current, query)
    return { items: items.map((row) => viewSession(row, current.sessionId)), ...page }
  },
})
