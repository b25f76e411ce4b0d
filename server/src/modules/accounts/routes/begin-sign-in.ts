import { type RequestFacts, type WithHeaders, withHeaders } from '../../../platform/http/route.ts'
import type { AccountsServices } from '../accounts.services.ts'
import type { SignInAnswer } from '../sessions/sign-in.ts'
import { beginFlow } from './browser-flow.ts'
import { clientFacts } from './client-facts.ts'

/** What both doors for a password do. A browser gets the cookie that binds it to the second step only when there is one. */
export async function beginSignIn(
  signIn: AccountsServices['signIn'],
  typed: { readonly identifier: string; readonly password: string },
  request: RequestFacts,
): Promise<WithHeaders<SignInAnswer>> {
  const { browserHash, headers } = beginFlow(request)
  const answer = await signIn({ ...typed, browserHash }, clientFacts(request))
  return withHeaders(answer, 'two_factor_required' in answer ? headers : {})
}
