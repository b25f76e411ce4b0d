import type { FastifyReply, FastifyRequest } from 'fastify'
import { httpErrors, validationFailed } from './http-errors.ts'

const KEY = 'headers.idempotency-key'

/** A finished answer, as it went out. */
export interface StoredAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: string
  readonly etag?: string | undefined
}

/** One request that wants to be done at most once. */
export interface IdempotencyClaim {
  /** Owner and route: the same key of another owner or route is another claim. */
  readonly scope: string
  readonly key: string
  /** Method, target and body. A store keeps no more of it than a keyed digest: it may hold a secret. */
  readonly request: string
}

/** What became of a claim: ours to run, done before, the same key for another request, or running elsewhere. */
export type IdempotencyOutcome =
  | { readonly outcome: 'started'; readonly token: string }
  | { readonly outcome: 'replay'; readonly answer: StoredAnswer }
  | { readonly outcome: 'mismatch' }
  | { readonly outcome: 'in-flight' }

/**
 * Remembers answers by idempotency key (C73). `begin` is atomic: of parallel equal claims one gets `started`.
 * `finish` stores the answer of a started claim, whatever its status; it does nothing when the handler has stored it
 * with its effect already.
 */
export interface IdempotencyStore {
  begin(claim: IdempotencyClaim): Promise<IdempotencyOutcome>
  finish(token: string, answer: StoredAnswer): Promise<void>
  /** Forgets a started claim that has no answer, so that the same request can be made again. */
  release(token: string): Promise<void>
}

/**
 * Starts the claim of a request that carries a key. Answers the token of a claim that is ours to run, `undefined`
 * without a key, or the stored answer. Throws 422 for a key used with another request, 409 while that one runs.
 */
export async function beginIdempotent(
  store: IdempotencyStore,
  request: FastifyRequest,
  { owner, route, isRequired, body }: { owner: string; route: string; isRequired: boolean; body: unknown },
): Promise<{ token: string } | StoredAnswer | undefined> {
  const key = request.headers['idempotency-key']
  if (key === undefined) {
    if (isRequired) throw validationFailed([{ path: KEY, message: 'is required' }])
    return undefined
  }
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw validationFailed([{ path: KEY, message: 'must be 1 to 255 visible characters' }])
  }
  const asked = `${request.method} ${request.url}\n${JSON.stringify(body) ?? ''}`
  const begun = await store.begin({ scope: `${owner} ${route}`, key, request: asked })
  switch (begun.outcome) {
    case 'started':
      return { token: begun.token }
    case 'replay':
      return begun.answer
    case 'mismatch':
      throw httpErrors.idempotencyKeyReused(
        {},
        { errors: [{ path: KEY, message: 'was used with another request' }] },
      )
    case 'in-flight':
      throw httpErrors.idempotencyInFlight({}, { headers: { 'retry-after': '1' } })
  }
}

/** Sends a stored answer again, marked as such. */
export function replay(reply: FastifyReply, { status, contentType, body, etag }: StoredAnswer): FastifyReply {
  return reply
    .code(status)
    .headers({ 'content-type': contentType, ...(etag === undefined ? {} : { etag }) })
    .header('idempotency-replayed', 'true')
    .send(body)
}

/** Who asks must prove who they are first, or come again later. */
const NOT_YET: ReadonlySet<number> = new Set([401, 429])

/**
 * An onSend hook that stores the answer of a started claim before it goes out. That the caller must prove first who they
 * are, or wait, is no answer: they do, and send the very same request again.
 */
export function storeAnswer(store: IdempotencyStore) {
  return async (request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> => {
    const token = request.call.claim
    if (token === undefined) return payload
    // Note: cleared first, because the error answer of a failing `finish` passes here again.
    request.call.claim = undefined
    if (NOT_YET.has(reply.statusCode)) {
      await store.release(token)
      return payload
    }
    const contentType = `${reply.getHeader('content-type') ?? 'application/json; charset=utf-8'}`
    const body = typeof payload === 'string' ? payload : ''
    const etag = reply.getHeader('etag')
    await store.finish(token, {
      status: reply.statusCode,
      contentType,
      body,
      ...(typeof etag === 'string' ? { etag } : {}),
    })
    return payload
  }
}
