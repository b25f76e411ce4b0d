import { passkeysContract } from '@outcry/contract/passkeys'
import { defineRoute, withHeaders } from '../../../platform/http/route.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { beginFlow } from './browser-flow.ts'
import { passkeyLimit } from './limits.ts'
import { sessionOf } from './session-of.ts'

/** What a browser needs to make a passkey. */
export const passkeyOptionsRoute = defineRoute(passkeysContract.passkeyOptions, {
  access: 'fresh',
  limit: passkeyLimit,
  async handle({ actor, request }, { passkeys }: AccountsServices) {
    const { browserHash, headers } = beginFlow(request)
    return withHeaders(await passkeys.adding.begin(sessionOf(actor), browserHash), headers)
  },
})
