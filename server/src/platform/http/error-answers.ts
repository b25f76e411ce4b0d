import type { FastifyReply, FastifyRequest } from 'fastify'
import { asError } from '../as-error.ts'
import { errorCode } from '../error-code.ts'
import { AppError } from '../errors.ts'
import type { Logger } from '../log/logger.ts'
import { httpErrors } from './http-errors.ts'
import { problemContentType, renderProblem } from './problem-response.ts'
import { nothingLeft } from './rate-limits.ts'

/** Translates an error of another part of the platform, such as an unreachable database; undefined if it is not one. */
export type ErrorTranslator = (error: unknown) => AppError | undefined

/** Where failures are logged, and who knows their meaning. */
export interface ErrorAnswerOptions {
  readonly log: Logger
  readonly translate: ErrorTranslator | undefined
}

/**
 * The last place every failure comes to (C44). Clients see the code and sentence of an `AppError` and nothing else;
 * whatever else was thrown is logged and becomes a plain 500.
 */
export function createErrorHandler({ log, translate }: ErrorAnswerOptions) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const failure = toAppError(error, translate)
    const isMeant = error instanceof AppError && failure.status === 503
    if (isMeant)
      log.warn({ request_id: request.id, code: failure.code }, 'A request was turned away for now.')
    else if (failure.status >= 500) {
      const err = error instanceof AppError && error.cause instanceof Error ? error.cause : error
      log.error(
        { request_id: request.id, code: failure.code, err: asError(err) },
        'A request failed on our side.',
      )
    }
    sendProblem(failure, request, reply)
  }
}

/**
 * Answers with a problem. Every 401 names the way to sign in, by a challenge of its own or the plain one (RFC 9110, 15.5.2).
 * Every 429 says how long to wait and what is left, and never what is left of another limit than the one that refused.
 */
export function sendProblem(failure: AppError, request: FastifyRequest, reply: FastifyReply): void {
  reply.code(failure.status)
  if (failure.status === 401) reply.header('www-authenticate', 'Bearer')
  if (failure.status === 429) tellNothingLeft(failure, reply)
  if (failure.headers !== undefined) reply.headers(failure.headers)
  reply.header('content-type', problemContentType)
  reply.send(renderProblem(failure, request.id))
}

/** What a 429 says of a limit that its thrower did not describe, such as a broker's own: nothing until the wait is over. */
function tellNothingLeft({ headers }: AppError, reply: FastifyReply): void {
  // Note: neither our own limit nor 0, which would say that nobody may ever ask.
  reply.removeHeader('ratelimit-limit')
  reply.headers(nothingLeft({ max: undefined, seconds: String(headers?.['retry-after'] ?? 1) }))
}

function toAppError(error: unknown, translate: ErrorTranslator | undefined): AppError {
  if (error instanceof AppError) return error
  return translate?.(error) ?? fromFramework(error) ?? httpErrors.internal()
}

/** Our words for what Fastify and Node refuse by themselves. */
function fromFramework(error: unknown): AppError | undefined {
  switch (errorCode(error)) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return httpErrors.bodyTooLarge()
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return httpErrors.unsupportedMediaType({ expected: 'application/json' })
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return httpErrors.badRequest({ reason: 'its body is not as long as its Content-Length says' })
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return httpErrors.notFound()
    case 'FST_ERR_BAD_URL':
      return httpErrors.badRequest({ reason: 'its path is not properly percent-encoded' })
    case 'ECONNRESET':
    case 'ECONNABORTED':
      return httpErrors.badRequest({ reason: 'it ended before its body was complete' })
    default:
      return undefined
  }
}
