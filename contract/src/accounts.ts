import { Type } from 'typebox'
import { instant, multiLine, nullable, oneOf, record, singleLine, success } from './conventions.ts'
import { defineContract } from './endpoint.ts'

/** From the least to the most powerful. */
export const userRoles = ['user', 'creator', 'moderator', 'admin', 'super_admin'] as const
/** One of `userRoles`. */
export type UserRole = (typeof userRoles)[number]

/** What an account is; only `active` may do everything its role may. */
export const userStatuses = ['active', 'inactive', 'suspended', 'banned', 'pending_verification'] as const
/** One of `userStatuses`. */
export type UserStatus = (typeof userStatuses)[number]

/** Limits in code points; the database holds the same numbers. */
export const accountLimits = {
  username: 50,
  usernameMin: 3,
  email: 255,
  displayName: 100,
  bio: 500,
  url: 500,
  location: 100,
  phone: 20,
  password: 256,
  token: 2_048,
  reason: 500,
  passkeyName: 64,
  tokenName: 64,
  search: 100,
} as const

const count = Type.Integer({ minimum: 0 })

const publicFields = {
  username: Type.String(),
  display_name: nullable(Type.String()),
  full_name: nullable(Type.String({ description: 'The same as `display_name`.' })),
  bio: nullable(multiLine({ max: accountLimits.bio })),
  avatar_url: nullable(Type.String()),
  cover_image_url: nullable(Type.String()),
  website_url: nullable(Type.String()),
  location: nullable(Type.String()),
  is_verified: Type.Boolean(),
  is_private: Type.Boolean(),
  followers_count: count,
  following_count: count,
  videos_count: count,
  posts_count: count,
}

/** A member as the member and administrators see them. */
export const userFull = record('UserFull', {
  ...publicFields,
  email: Type.String(),
  role: oneOf(userRoles),
  status: oneOf(userStatuses),
  last_login_at: nullable(instant),
  email_verified_at: nullable(instant),
  two_factor_enabled: Type.Boolean(),
})

/** A member as everyone sees them, with what they are to the one who looks. */
export const userPublic = record('UserPublic', {
  ...publicFields,
  is_following: Type.Boolean(),
  is_followed_by: Type.Boolean(),
  is_blocked: Type.Boolean(),
})

/** A member as `userPublic`, and to moderators and above also what decides what may be done about them. */
export const member = record('Member', {
  ...userPublic.properties,
  role: Type.Optional(oneOf(userRoles, { description: 'For moderators and above only.' })),
  status: Type.Optional(oneOf(userStatuses, { description: 'For moderators and above only.' })),
  can: Type.Optional(
    Type.Object(
      { administer: Type.Boolean() },
      { description: 'What the one who looks may do; for moderators and above only.' },
    ),
  ),
})

/** Cookies of a browser's session. The two with tokens can be read by no script; the third says only that they are there. */
export const sessionCookies = {
  access: '__Host-outcry-session',
  refresh: '__Host-outcry-refresh',
  hint: '__Host-outcry-signed-in',
} as const

/** What the routes that answer tokens may be asked with. */
export const sessionHeaders = Type.Object({
  'x-outcry-session': Type.Optional(
    Type.Literal('cookie', {
      description:
        'For pages of this site alone: the tokens go into cookies that no script can read, and are empty in the answer.',
    }),
  ),
})

/**
 * What signing in gives. A sign-in that still needs its second factor gives empty tokens and `two_factor_token`; one that
 * asks for cookies gives empty tokens too.
 */
export const token = Type.Object(
  {
    access_token: Type.String(),
    refresh_token: Type.String(),
    token_type: Type.Literal('bearer'),
    expires_in: Type.Integer({ description: 'Seconds until the access token ends.' }),
    two_factor_required: Type.Optional(Type.Boolean()),
    two_factor_token: Type.Optional(Type.String()),
  },
  { title: 'Token' },
)

/** A password as it is typed; what makes a new one good is for the server to say. */
export const password = Type.String({ minLength: 1, maxLength: accountLimits.password, format: 'password' })

/** A token that was mailed or handed over. */
export const opaqueToken = Type.String({ minLength: 1, maxLength: accountLimits.token })

/** An address as it is typed; the server says whether it is one. */
export const emailInput = Type.String({ minLength: 3, maxLength: accountLimits.email })

/** What a username is made of; how long it may be is in `accountLimits`. */
export const usernamePattern = '^[A-Za-z0-9_-]+$'

const username = Type.String({
  minLength: accountLimits.usernameMin,
  maxLength: accountLimits.username,
  pattern: usernamePattern,
  'x-refusal': 'may hold letters, digits, _ and - only',
})

const displayName = Type.Optional(nullable(singleLine({ max: accountLimits.displayName })))

/** What everybody says who makes an account. */
export const registration = {
  username,
  email: emailInput,
  password,
  display_name: displayName,
  full_name: displayName,
} as const

// Note: longer than any account name: what matches none is a wrong name, not a malformed request.
const identifier = Type.String({ minLength: 1, maxLength: 320 })

/** Joining and signing in with a password. */
export const accountsContract = defineContract({
  register: {
    method: 'POST',
    path: '/auth/register',
    summary: 'Create an account',
    description: 'The account is pending until the address is verified with the token that is mailed to it.',
    body: Type.Object(registration),
    responses: { 201: userFull },
    errors: [
      'accounts.email_taken',
      'accounts.username_taken',
      'accounts.email_invalid',
      'accounts.username_reserved',
      'accounts.password_refused',
      'accounts.signup_closed',
      'accounts.busy',
    ],
  },
  verifyEmail: {
    method: 'POST',
    path: '/auth/verify-email',
    summary: 'Prove an address with the token that was mailed to it',
    body: Type.Object({ token: opaqueToken }),
    responses: { 200: success },
    errors: ['accounts.token_invalid'],
  },
  resendVerification: {
    method: 'POST',
    path: '/auth/verify-email/resend',
    summary: 'Ask for another verification mail; the answer is the same for every address',
    body: Type.Object({ email: emailInput }),
    responses: { 200: success },
    errors: [],
  },
  login: {
    method: 'POST',
    path: '/auth/login',
    summary: 'Sign in with an OAuth 2.0 password form',
    headers: sessionHeaders,
    bodyType: 'form',
    body: Type.Object({
      username: identifier,
      password,
      grant_type: Type.Optional(Type.Literal('password')),
    }),
    responses: { 200: token },
    errors: ['accounts.credentials_incorrect', 'accounts.busy'],
  },
  loginJson: {
    method: 'POST',
    path: '/auth/login/json',
    summary: 'Sign in with JSON',
    headers: sessionHeaders,
    body: Type.Object({ username_or_email: identifier, password }),
    responses: { 200: token },
    errors: ['accounts.credentials_incorrect', 'accounts.busy'],
  },
  refresh: {
    method: 'POST',
    path: '/auth/refresh',
    summary: 'Get new tokens for a refresh token, which then is spent',
    description:
      'A browser whose session is in cookies sends `x-outcry-session: cookie` and no token: the one in its cookie is taken.',
    headers: sessionHeaders,
    body: Type.Object({ refresh_token: Type.Optional(opaqueToken) }),
    responses: { 200: token },
    errors: ['accounts.refresh_invalid'],
  },
  setup: {
    method: 'POST',
    path: '/auth/setup',
    summary: 'Make the first administrator with the one-time token of the setup link',
    body: Type.Object({ token: opaqueToken, ...registration }),
    responses: { 201: userFull },
    errors: [
      'accounts.token_invalid',
      'accounts.email_taken',
      'accounts.username_taken',
      'accounts.email_invalid',
      'accounts.username_reserved',
      'accounts.password_refused',
      'accounts.busy',
    ],
  },
  getMe: {
    method: 'GET',
    path: '/auth/me',
    summary: 'Read your own account',
    responses: { 200: userFull },
    errors: [],
  },
})
