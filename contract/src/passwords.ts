import { Type } from 'typebox'
import { emailInput, opaqueToken, password } from './accounts.ts'
import { success } from './conventions.ts'
import { defineContract } from './endpoint.ts'

/** Changing a password, and setting one that was forgotten. */
export const passwordsContract = defineContract({
  changePassword: {
    method: 'PUT',
    path: '/users/me/password',
    summary: 'Change your password; every other session ends',
    body: Type.Object({ current_password: password, new_password: password }),
    responses: { 200: success },
    errors: ['accounts.password_wrong', 'accounts.password_refused', 'accounts.busy'],
  },
  requestPasswordReset: {
    method: 'POST',
    path: '/auth/password-reset',
    summary: 'Ask for a mail that lets you set a new password; the answer is the same for every address',
    body: Type.Object({ email: emailInput }),
    responses: { 202: success },
    errors: [],
  },
  confirmPasswordReset: {
    method: 'POST',
    path: '/auth/password-reset/confirm',
    summary: 'Set a new password with the token of that mail; every session ends',
    body: Type.Object({ token: opaqueToken, new_password: password }),
    responses: { 200: success },
    errors: ['accounts.token_invalid', 'accounts.password_refused', 'accounts.busy'],
  },
})
