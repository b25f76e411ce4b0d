import { sessionCookies, type sessionHeaders } from '@outcry/contract/accounts'
import type { Static } from 'typebox'
import { AppError } from '../../../platform/errors.ts'
import { validationFailed } from '../../../platform/http/http-errors.ts'
import { type RequestFacts, type WithHeaders, withHeaders } from '../../../platform/http/route.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { ABSOLUTE_MS, type IssuedTokens } from '../sessions/session-tokens.ts'
import type { SignInAnswer } from '../sessions/sign-in.ts'
import { clientFacts } from './client-facts.ts'

const MAX_AGE_SECONDS = ABSOLUTE_MS / 1_000
const FLAGS = 'Path=/; Secure; SameSite=Strict'
const SECRET = `${FLAGS}; HttpOnly`

/** What a request says about where its tokens are to go. */
export interface TokenCall {
  readonly headers: Static<typeof sessionHeaders>
  readonly request: RequestFacts
}

/**
 * Answers the tokens that `open` gives: in the body, or in cookies for a browser that asked for them (C37). Throws the 403 or
 * 415 of a request for cookies that no page of ours sent, before anything is opened, so that nobody can be signed in to
 * somebody else's account from another site (C38).
 */
async function answerTokens<A extends SignInAnswer>(
  { headers, request }: TokenCall,
  open: () => Promise<A>,
): Promise<A | WithHeaders<IssuedTokens>> {
  if (!asksForCookies(headers)) return open()
  request.refuseForged()
  const answer = await open()
  if ('two_factor_required' in answer) return answer
  return withHeaders({ ...answer, access_token: '', refresh_token: '' }, { 'set-cookie': cookiesOf(answer) })
}

/**
 * Answers a sign-in as `answerTokens` does. A browser's new cookies replace those it holds, so the session of the refresh
 * cookie that came along ends with a sign-in that succeeds, whosever it is (OWASP ASVS 5.0, 7.2.4): nobody else could end it.
 * Where that fails, the sign-in is answered all the same.
 */
export function answerSignIn<A extends SignInAnswer>(
  call: TokenCall,
  sessions: AccountsServices['sessions'],
  open: () => Promise<A>,
): Promise<A | WithHeaders<IssuedTokens>> {
  return answerTokens(call, async () => {
    const answer = await open()
    const held = call.request.cookie(sessionCookies.refresh)
    if (held !== undefined && asksForCookies(call.headers) && !('two_factor_required' in answer))
      await sessions.endReplaced(held, clientFacts(call.request))
    return answer
  })
}

/**
 * Spends the refresh token of the body or, when a browser that asked for cookies sent none, the one of its cookie. A browser
 * whose cookie is refused loses its cookies with the 401. Throws the 422 of a request without either.
 */
export function refreshTokens(
  call: TokenCall & { readonly body: { readonly refresh_token?: string } },
  refresh: (token: string) => Promise<IssuedTokens>,
): Promise<IssuedTokens | WithHeaders<IssuedTokens>> {
  const { refresh_token } = call.body
  if (refresh_token !== undefined) return answerTokens(call, () => refresh(refresh_token))
  if (!asksForCookies(call.headers)) {
    throw validationFailed([{ path: 'body.refresh_token', message: 'is required' }])
  }
  const token = call.request.cookie(sessionCookies.refresh) ?? ''
  return answerTokens(call, () => refresh(token).catch(takeBackRefused))
}

/**
 * Answers what may have ended the session of the browser that asks, and takes its cookies back when it has. Another session's
 * stay: the one who acts may be signed in here as somebody else.
 */
export async function endingSession<A>(
  answer: A,
  request: RequestFacts,
  sessions: AccountsServices['sessions'],
): Promise<A | WithHeaders<A>> {
  const held = Object.values(sessionCookies).some((name) => request.cookie(name) !== undefined)
  if (!held) return answer
  const token = request.cookie(sessionCookies.refresh)
  if (token !== undefined && !(await sessions.hasEnded(token))) return answer
  return withHeaders(answer, { 'set-cookie': noCookies() })
}

function asksForCookies(headers: TokenCall['headers']): boolean {
  return headers['x-outcry-session'] === 'cookie'
}

// Note: the cookie of an access token outlives the token. Without it, a route that serves strangers too would take a member
// for one; with it, they get the 401 that makes the page refresh.
function cookiesOf({ access_token, refresh_token }: IssuedTokens): string[] {
  return [
    `${sessionCookies.access}=${access_token}; ${SECRET}; Max-Age=${MAX_AGE_SECONDS}`,
    `${sessionCookies.refresh}=${refresh_token}; ${SECRET}; Max-Age=${MAX_AGE_SECONDS}`,
    `${sessionCookies.hint}=1; ${FLAGS}; Max-Age=${MAX_AGE_SECONDS}`,
  ]
}

function noCookies(): string[] {
  return [
    `${sessionCookies.access}=; ${SECRET}; Max-Age=0`,
    `${sessionCookies.refresh}=; ${SECRET}; Max-Age=0`,
    `${sessionCookies.hint}=; ${FLAGS}; Max-Age=0`,
  ]
}

function takeBackRefused(error: unknown): never {
  if (!(error instanceof AppError) || error.status !== 401) throw error
  throw accountsErrors.refreshInvalid({}, { cause: error, headers: { 'set-cookie': noCookies() } })
}
