import { defineErrors } from '../../platform/errors.ts'

/** What sign-in and users may refuse. */
export const accountsErrors = defineErrors('accounts', {
  emailTaken: {
    status: 400,
    message: 'An account with this email exists already; sign in or choose another email.',
  },
  usernameTaken: { status: 400, message: 'This username is taken; choose another username.' },
  emailInvalid: { status: 422, message: 'This is not an email address; check it and try again.' },
  usernameReserved: { status: 422, message: 'This username is reserved; choose another username.' },
  passwordRefused: { status: 422, message: 'This password cannot be used. {reason}' },
  signupClosed: {
    status: 403,
    message: 'This community takes no new members at the moment; ask its operator.',
  },
  tokenInvalid: { status: 400, message: 'This link or code is not valid any more; ask for a new one.' },
  credentialsIncorrect: { status: 401, message: 'The name or the password is incorrect.' },
  refreshInvalid: { status: 401, message: 'This sign-in has ended; sign in again.' },
  userNotFound: { status: 404, message: 'There is no such member.' },
  cursorInvalid: { status: 400, message: 'This cursor is not one of ours; start again without a cursor.' },
  busy: { status: 503, message: 'Too many people are signing in right now; try again in a few seconds.' },
})
