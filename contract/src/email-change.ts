import { Type } from 'typebox'
import { emailInput, opaqueToken } from './accounts.ts'
import { success } from './conventions.ts'
import { defineContract } from './endpoint.ts'

/** Changing one's address, and undoing that from the address of before. */
export const emailChangeContract = defineContract({
  askForEmailChange: {
    method: 'POST',
    path: '/users/me/email',
    summary:
      'Ask for another address: a mail goes there; the answer is the same whether or not somebody has it',
    body: Type.Object({ email: emailInput }),
    responses: { 202: success },
    errors: ['accounts.email_invalid', 'accounts.email_same'],
  },
  confirmEmailChange: {
    method: 'POST',
    path: '/auth/email-change/confirm',
    summary: 'Change the address with the token of that mail; every session but the one that asked ends',
    body: Type.Object({ token: opaqueToken }),
    responses: { 200: success },
    errors: ['accounts.token_invalid', 'accounts.email_taken'],
  },
  undoEmailChange: {
    method: 'POST',
    path: '/auth/email-change/undo',
    summary:
      'Have the address of before back with the token that was mailed to it; every session and token ends, and a new password must be set',
    body: Type.Object({ token: opaqueToken }),
    responses: { 200: success },
    errors: ['accounts.token_invalid'],
  },
})
