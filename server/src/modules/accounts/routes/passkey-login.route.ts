import { passkeysContract } from '@outcry/contract/passkeys'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { flowOf } from './browser-flow.ts'
import { answerSignIn } from './browser-session.ts'
import { clientFacts } from './client-facts.ts'
import { loginLimits } from './limits.ts'

/** Signs in with a passkey. */
export const passkeyLoginRoute = defineRoute(passkeysContract.passkeyLogin, {
  access: 'anyone',
  limit: loginLimits,
  bodyLimit: authBodyLimit,
  handle({ body, headers, request }, { passkeys, sessions }: AccountsServices) {
    const step = { credential: body.credential, browserHash: flowOf(request), client: clientFacts(request) }
    return answerSignIn({ headers, request }, sessions, () => passkeys.signingIn.signIn(step))
  },
})
