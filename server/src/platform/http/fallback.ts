import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { answerOptions, type SiteOrigins } from './cross-origin.ts'
import { httpErrors } from './http-errors.ts'
import type { RateLimits } from './rate-limits.ts'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
const known: ReadonlySet<string> = new Set([...methods, 'OPTIONS'])

/**
 * Answers what no route takes: OPTIONS, 405 with `Allow` where another method would do, 404 for the rest (C43). It does
 * so before the body is read.
 */
export function addFallback(fastify: FastifyInstance, options: FallbackOptions): void {
  const answer = (request: FastifyRequest, reply: FastifyReply) =>
    answerUnrouted(fastify, options, { request, reply })
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.is404) return answer(request, reply)
    done()
    return undefined
  })
  fastify.setNotFoundHandler(answer) // for routes that decline by `reply.callNotFound()`
}

interface FallbackOptions {
  readonly origins: SiteOrigins
  readonly limits: RateLimits
  /** Answers with a page where a browser asks for one; nothing leaves it to the problem. */
  readonly answerUnknown?: AnswerUnknown | undefined
}

/** Answers a request that no route takes, or leaves it by answering nothing. */
export type AnswerUnknown = (request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined

async function answerUnrouted(
  fastify: FastifyInstance,
  { origins, limits, answerUnknown }: FallbackOptions,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): Promise<FastifyReply> {
  await limits.take(request, reply, [limits.anonymousTotal])
  const path = request.raw.url?.split('?', 1)[0] ?? '/'
  const taken = methods.filter((method) => fastify.findRoute({ method, url: path }) !== null)
  if (request.method === 'OPTIONS' && (taken.length > 0 || path === '*')) {
    return answerOptions(request, reply, { origins, methods: [...taken, 'OPTIONS'] })
  }
  if (taken.length === 0 && known.has(request.method)) {
    const page = answerUnknown?.(request, reply)
    if (page !== undefined) return page
    throw httpErrors.notFound()
  }
  const allow = taken.length > 0 ? [...taken, 'OPTIONS'] : [...known]
  throw httpErrors.methodNotAllowed({}, { headers: { allow: allow.join(', ') } })
}
