import { type AppError, defineErrors } from '../../platform/errors.ts'
import { resetSeconds } from '../../platform/http/rate-limit.ts'
import { nothingLeft } from '../../platform/http/rate-limits.ts'

/** What sign-in and users may refuse. */
export const accountsErrors = defineErrors('accounts', {
  emailTaken: {
    status: 400,
    message: 'An account with this email exists already; sign in or choose another email.',
  },
  emailSame: {
    status: 400,
    message: 'Your account has this address already; there is nothing to change.',
  },
  usernameTaken: { status: 400, message: 'This username is taken; choose another username.' },
  emailInvalid: { status: 422, message: 'This is not an email address; check it and try again.' },
  usernameInvalid: {
    status: 422,
    message: 'A username is {min} to {max} letters, digits, _ and -; choose another username.',
  },
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
  passwordWrong: { status: 400, message: 'The current password is incorrect; nothing was changed.' },
  secondFactorIncorrect: {
    status: 401,
    message: 'This code is incorrect or not valid any more; try the next one, or sign in again.',
  },
  codeIncorrect: { status: 400, message: 'This code is incorrect; wait for the next one and try again.' },
  twoFactorOn: {
    status: 400,
    message: 'Two-factor sign-in is on already; disable it before you set it up anew.',
  },
  twoFactorOff: { status: 400, message: 'Two-factor sign-in is not on; set it up first.' },
  twoFactorNotBegun: { status: 400, message: 'There is nothing to verify; begin with the setup.' },
  proofMissing: { status: 422, message: 'Send one of password, code and passkey.' },
  proofIncorrect: {
    status: 401,
    message:
      'This password, code or passkey is incorrect; with two-factor sign-in a password alone is not enough.',
  },
  sessionNotFound: { status: 404, message: 'There is no such session.' },
  passkeyNotFound: { status: 404, message: 'There is no such passkey.' },
  passkeyRefused: {
    status: 400,
    message: 'This passkey could not be added; begin again and use the same browser.',
  },
  passkeyIncorrect: {
    status: 401,
    message: 'This passkey could not be used to sign in; begin again or use another way.',
  },
  tooManyPasskeys: { status: 400, message: 'There are {max} passkeys already; remove one first.' },
  lastPasskey: {
    status: 400,
    message: 'You could not sign in without this passkey; set a password or add another passkey first.',
  },
  personalTokenNotFound: { status: 404, message: 'There is no such token.' },
  tokenExpiryInvalid: { status: 422, message: 'A token must end in the future, at most a year from now.' },
  addressRangeInvalid: {
    status: 422,
    message: 'A token is bound to addresses such as 192.0.2.7 and networks such as 10.0.0.0/8.',
  },
  tokenRateLimited: {
    status: 429,
    message: 'This token is made for {max} requests a minute; try again in {seconds} seconds.',
  },
  tooManyTokens: { status: 422, message: 'There are {max} tokens already; end one first.' },
  notAllowed: { status: 403, message: 'Your role does not allow this for that member.' },
  ownRole: {
    status: 400,
    message: 'Nobody changes their own role or status; ask another administrator.',
  },
  notYourself: { status: 400, message: 'You cannot do this to yourself; choose another member.' },
  lastAdmin: {
    status: 403,
    message: 'This is the last administrator; give somebody else that role first.',
  },
  factorNeeded: {
    status: 401,
    message: 'Administrators confirm with their second factor or passkey; do that, then try again.',
  },
  suspensionEndInvalid: { status: 422, message: 'A suspension must end in the future.' },
  alreadyFollowing: {
    status: 400,
    message: 'You follow this member already, or have asked to; there is nothing to do.',
  },
  notFollowing: { status: 404, message: 'You do not follow this member.' },
  followRefused: { status: 403, message: 'You cannot follow this member; {advice}.' },
  followRequestNotFound: { status: 404, message: 'There is no such request.' },
  busy: { status: 503, message: 'Too many people are signing in right now; try again in a few seconds.' },
})

/** The 429 of a token that was used as often in a minute as it is made for. */
export function tokenRateLimited(max: number, resetMs: number): AppError {
  const seconds = resetSeconds({ resetMs })
  return accountsErrors.tokenRateLimited({ max, seconds }, { headers: nothingLeft({ max, seconds }) })
}
