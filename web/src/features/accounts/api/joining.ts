import { api } from '../../../lib/api.ts'
import { answerOf } from '../../../lib/problem.ts'

/** What somebody says who makes an account. */
export interface Joining {
  readonly username: string
  readonly email: string
  readonly password: string
}

/** Makes an account that waits for its address to be confirmed. */
export function join(body: Joining) {
  return answerOf(api.POST('/api/v1/auth/register', { body }))
}

/** Makes the first administrator with the token of the link that the server printed. */
export function setUp(token: string, joining: Joining) {
  return answerOf(api.POST('/api/v1/auth/setup', { body: { token, ...joining } }))
}

/** Confirms an address with the token that was mailed to it. */
export function verifyEmail(token: string) {
  return answerOf(api.POST('/api/v1/auth/verify-email', { body: { token } }))
}

/** Asks for another mail; the answer is the same whoever has the address. */
export function resendVerification(email: string) {
  return answerOf(api.POST('/api/v1/auth/verify-email/resend', { body: { email } }))
}
