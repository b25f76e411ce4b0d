import { createOpaqueToken, digestToken } from '../../../platform/crypto/opaque-token.ts'
import type { RequestFacts } from '../../../platform/http/route.ts'
import type { Headers } from '../../../platform/http/security-headers.ts'

/** Held by the browser that began a sign-in in several steps, until it ends (C20). */
const COOKIE = '__Host-outcry-flow'
const MAX_AGE_SECONDS = 300

/** The browser that began a flow, by the digest of its cookie; `headers` put the cookie there. */
export interface BegunFlow {
  /** Absent when no browser asked: such a client is bound by its token alone. */
  readonly browserHash: Uint8Array | undefined
  readonly headers: Headers
}

/** Binds the flow that a request begins to the browser that sent it. One that has its cookie keeps it, for its other tabs. */
export function beginFlow(request: RequestFacts): BegunFlow {
  if (!request.isFromBrowser) return { browserHash: undefined, headers: {} }
  const known = request.cookie(COOKIE)
  const value = known !== undefined && /^[\w-]{43}$/.test(known) ? known : createOpaqueToken()
  const cookie = `${COOKIE}=${value}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=${MAX_AGE_SECONDS}`
  return { browserHash: digestToken(value), headers: { 'set-cookie': cookie } }
}

/** The digest of the flow cookie of a later step; a flow that a browser began goes on in that browser alone. */
export function flowOf(request: RequestFacts): Uint8Array | undefined {
  const value = request.cookie(COOKIE)
  return value === undefined ? undefined : digestToken(value)
}
