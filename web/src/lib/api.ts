import { createApiClient } from '@outcry/contract/client'
import { isProblem } from './problem.ts'
import { sessionHint } from './session-hint.ts'

/** The server's typed client. Its session is a cookie that no script can read (C37). */
export const api = createApiClient(location.origin, { fetch: fetchWithSession })

/** Says that signing in and refreshing are to give cookies instead of tokens. */
export const cookieSession = { 'x-outcry-session': 'cookie' } as const

const listeners = new Set<() => void>()

/** Hears that the session has ended and cannot be renewed. Returns what stops it. */
export function onSessionEnd(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** Tells everyone who listens that nobody is signed in, or not any more. */
export function endSession(): void {
  for (const listener of listeners) listener()
}

async function fetchWithSession(request: Request): Promise<Response> {
  const sent = withJsonType(request)
  const again = sent.clone()
  const answer = await fetch(sent)
  if (answer.status !== 401 || !(await saysSignedOut(answer))) return answer
  if (sessionHint.isPresent() && (await renewSession())) return await fetch(again)
  endSession()
  return answer
}

// Note: a write that carries a cookie must be JSON exactly, even without a body (C38).
function withJsonType(request: Request): Request {
  if (request.method === 'GET' || request.headers.has('content-type')) return request
  const headers = new Headers(request.headers)
  headers.set('content-type', 'application/json')
  return new Request(request, { headers })
}

// Note: a wrong password or code is answered with 401 too; sent again, it would count twice.
const SIGNED_OUT: readonly string[] = ['http.unauthenticated', 'accounts.refresh_invalid']

async function saysSignedOut(answer: Response): Promise<boolean> {
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => undefined)
  return isProblem(body) && SIGNED_OUT.includes(body.code)
}

let renewing: Promise<boolean> | undefined

/** Spends the refresh cookie for new ones, once for all requests that wait; false when the session is over. */
function renewSession(): Promise<boolean> {
  renewing ??= oneTabAtATime(renew).finally(() => {
    renewing = undefined
  })
  return renewing
}

// Note: a refresh token is good for one use; two tabs that spend it at once would end the session as stolen. Browsers give
// locks to secure pages alone (https://www.w3.org/TR/web-locks/), and cookies of ours, too.
function oneTabAtATime<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks?.request('outcry-session', work) ?? work()
}

async function renew(): Promise<boolean> {
  const answer = await fetch('/api/v1/auth/refresh', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...cookieSession },
    body: '{}',
  })
  if (answer.ok) return true
  if (answer.status === 401) return false
  throw new TypeError(`Renewing the session was answered ${answer.status}.`)
}
