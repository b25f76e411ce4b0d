import { twoFactorContract } from '@outcry/contract/two-factor'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { flowOf } from './browser-flow.ts'
import { answerSignIn } from './browser-session.ts'
import { clientFacts } from './client-facts.ts'
import { secondFactorLimits } from './limits.ts'

/** The second step of a sign-in whose password was right. */
export const twoFactorLoginRoute = defineRoute(twoFactorContract.twoFactorLogin, {
  access: 'anyone',
  limit: secondFactorLimits,
  bodyLimit: authBodyLimit,
  handle({ body, headers, request }, { twoFactor, sessions }: AccountsServices) {
    const step = { token: body.token, code: body.two_fa_token, browserHash: flowOf(request) }
    return answerSignIn({ headers, request }, sessions, () => twoFactor.signIn(step, clientFacts(request)))
  },
})
