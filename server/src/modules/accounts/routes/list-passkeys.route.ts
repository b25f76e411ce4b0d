import { passkeysContract } from '@outcry/contract/passkeys'
import { defineRoute } from '../../../platform/http/route.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { viewPasskey } from '../passkeys/passkey.view.ts'

/** Your passkeys, the oldest first. */
export const listPasskeysRoute = defineRoute(passkeysContract.listPasskeys, {
  access: 'fresh',
  limit: 'default',
  async handle({ actor, query }, { passkeys }: AccountsServices) {
    const { items, ...page } = await passkeys.own.list(actor.id, query)
    return { items: items.map(viewPasskey), ...page }
  },
})
