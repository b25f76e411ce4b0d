import { defineErrors } from '../errors.ts'

/** What the HTTP layer itself refuses; any endpoint may answer with these. */
export const httpErrors = defineErrors('http', {
  badRequest: { status: 400, message: 'The request is not valid HTTP; {reason}.' },
  malformedBody: { status: 400, message: 'The request body cannot be read: {reason}.' },
  unauthenticated: {
    status: 401,
    message: 'You are not signed in, or your sign-in has ended; sign in and try again.',
  },
  insufficientUserAuthentication: {
    status: 401,
    message: 'Confirm that it is you with a password, code or passkey, then try again.',
  },
  accountNotActive: { status: 403, message: 'This account cannot do that while its status is {status}.' },
  forbidden: { status: 403, message: 'Your role does not allow this.' },
  insufficientScope: {
    status: 403,
    message: 'This token was not made for that; use one with the right scope, or sign in.',
  },
  tokenNeeded: {
    status: 403,
    message: 'This address takes personal access tokens only; make one for it and send that.',
  },
  crossSiteRefused: {
    status: 403,
    message: 'This request came from another site and was refused; use the app itself.',
  },
  notFound: { status: 404, message: 'There is nothing here.' },
  methodNotAllowed: {
    status: 405,
    message: 'This address does not take this method; the Allow header names those it takes.',
  },
  requestTimeout: { status: 408, message: 'The request took too long to arrive; try again.' },
  idempotencyInFlight: {
    status: 409,
    message: 'The first request with this Idempotency-Key is still running; try again in a moment.',
  },
  bodyTooLarge: { status: 413, message: 'The request body is too large; send less at once.' },
  unsupportedMediaType: { status: 415, message: 'Send the body as {expected}.' },
  expectationFailed: {
    status: 417,
    message: 'The Expect header asks for something unknown; send the request without it.',
  },
  misdirectedRequest: {
    status: 421,
    message: 'This server does not answer for that host name; use its public address.',
  },
  validationFailed: { status: 422, message: '{summary}' },
  idempotencyKeyReused: {
    status: 422,
    message: 'This Idempotency-Key was used with another request; use a new key.',
  },
  rateLimited: { status: 429, message: 'Too many requests; try again in {seconds} seconds.' },
  headersTooLarge: { status: 431, message: 'The request headers are too large; send fewer or shorter ones.' },
  internal: {
    status: 500,
    message: 'Something went wrong on our side; try again, and report the request id if it stays.',
  },
  clockBehind: {
    status: 503,
    message: 'The clock of this server was set back, so nobody can be signed in; try again later.',
  },
  unavailable: { status: 503, message: 'The service is busy or stopping; try again in a moment.' },
})

/** The 401 of a missing, malformed, expired, revoked or wrong token: one answer for every reason (RFC 6750). */
export function unauthenticated() {
  return httpErrors.unauthenticated()
}

/** A 422 that names each refused field; its sentence names the first. */
export function validationFailed(errors: readonly { path: string; message: string }[]) {
  const [first] = errors
  const summary = first ? `${first.path} ${first.message}.` : 'The request is not valid.'
  return httpErrors.validationFailed({ summary }, { errors })
}
