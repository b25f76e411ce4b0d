import { type WithHeaders, withHeaders } from '../../../platform/http/route.ts'
import type { AccountsServices } from '../accounts.services.ts'
import type { SignInAnswer } from '../sessions/sign-in.ts'
import { beginFlow } from './browser-flow.ts'
import { answerSignIn, type TokenCall } from './browser-session.ts'
import { clientFacts } from './client-facts.ts'

/** What both doors for a password do. A browser gets the cookie that binds it to the second step only when there is one. */
export async function beginSignIn(
  { signIn, sessions }: Pick<AccountsServices, 'signIn' | 'sessions'>,
  typed: { readonly identifier: string; readonly password: string },
  call: TokenCall,
): Promise<SignInAnswer | WithHeaders<SignInAnswer>> {
  const { browserHash, headers } = beginFlow(call.request)
  const answer = await answerSignIn(call, sessions, () =>
    signIn({ ...typed, browserHash }, clientFacts(call.request)),
  )
  return 'two_factor_required' in answer ? withHeaders(answer, headers) : answer
}
