import { api } from '../../../lib/api.ts'
import { answerOf } from '../../../lib/problem.ts'

/** Asks for another address: a link goes there. The answer is the same whoever has it; wants a recent proof. */
export async function askForEmailChange(email: string): Promise<void> {
  await answerOf(api.POST('/api/v1/users/me/email', { body: { email } }))
}

/** Changes the address with the token that was mailed to the new one. */
export async function confirmEmailChange(token: string): Promise<void> {
  await answerOf(api.POST('/api/v1/auth/email-change/confirm', { body: { token } }))
}

/** Has the address of before back with the token that was mailed to it; every session ends. */
export async function undoEmailChange(token: string): Promise<void> {
  await answerOf(api.POST('/api/v1/auth/email-change/undo', { body: { token } }))
}
