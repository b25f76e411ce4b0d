import { passkeysContract } from '@outcry/contract/passkeys'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { viewPasskey } from '../passkeys/passkey.view.ts'
import { flowOf } from './browser-flow.ts'
import { clientFacts } from './client-facts.ts'
import { passkeyLimit } from './limits.ts'
import { sessionOf } from './session-of.ts'

/** Keeps the passkey that the browser made. */
export const addPasskeyRoute = defineRoute(passkeysContract.addPasskey, {
  access: 'fresh',
  limit: passkeyLimit,
  bodyLimit: authBodyLimit,
  async handle({ actor, body, request }, { passkeys }: AccountsServices) {
    const { name, credential } = body
    const asked = { name, credential, browserHash: flowOf(request), client: clientFacts(request) }
    return viewPasskey(await passkeys.adding.add(sessionOf(actor), asked))
  },
})
