import { passkeysContract } from '@outcry/contract/passkeys'
import { MINUTE } from '../../../platform/durations.ts'
import { defineRoute, withHeaders } from '../../../platform/http/route.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { beginFlow } from './browser-flow.ts'

/**
 * What a browser needs to ask for a passkey. Without a credential the answer signs in; with one it proves to
 * `/auth/reauthenticate` that it is still its member.
 */
export const passkeyLoginOptionsRoute = defineRoute(passkeysContract.passkeyLoginOptions, {
  access: 'optional',
  limit: { per: 'address', name: 'passkey-options', max: 30, windowMs: MINUTE },
  async handle({ actor, request }, { passkeys }: AccountsServices) {
    const { browserHash, headers } = beginFlow(request)
    return withHeaders(await passkeys.signingIn.begin(actor?.id, browserHash), headers)
  },
})
