import { api } from '../../../lib/api.ts'
import { answerOf } from '../../../lib/problem.ts'

/** Asks for a mail that lets its owner set a new password; the answer is the same whoever has the address. */
export function requestPasswordReset(email: string) {
  return answerOf(api.POST('/api/v1/auth/password-reset', { body: { email } }))
}

/** Sets a new password with the token of that mail; every session ends. */
export function resetPassword(token: string, password: string) {
  return answerOf(
    api.POST('/api/v1/auth/password-reset/confirm', { body: { token, new_password: password } }),
  )
}
