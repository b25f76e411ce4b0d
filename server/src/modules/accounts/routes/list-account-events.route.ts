import { accountEventsContract } from '@outcry/contract/account-events'
import { defineRoute } from '../../../platform/http/route.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { viewAccountEvent } from '../activity/account-event.view.ts'
import { accountEventsLimit } from './limits.ts'
import { sessionOf } from './session-of.ts'

/** Lists what happened to your account. */
export const listAccountEventsRoute = defineRoute(accountEventsContract.listAccountEvents, {
  access: 'signed-in',
  limit: accountEventsLimit,
  async handle({ actor, query }, { accountEvents }: AccountsServices) {
    const viewer = sessionOf(actor)
    const { items, ...page } = await accountEvents(viewer.userId, query)
    return { items: items.map((entry) => viewAccountEvent(entry, viewer)), ...page }
  },
})
