import { Type } from 'typebox'
import { accountLimits, member, userFull, userRoles, userStatuses } from './accounts.ts'
import { listQueryWith, multiLine, nullable, oneOf, pageOf, singleLine, success } from './conventions.ts'
import { defineContract } from './endpoint.ts'

/** An id or a username. */
const idOrName = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) })

const webAddress = Type.Optional(
  nullable(
    Type.String({
      maxLength: accountLimits.url,
      pattern: '^https?://[^\\s\\u0000-\\u001f\\u007f]+$',
      'x-refusal': 'must be an address that begins with https:// or http://',
    }),
  ),
)

const displayName = Type.Optional(nullable(singleLine({ max: accountLimits.displayName })))

/** Which messages a member wants. */
export const notificationPreferences = Type.Object(
  {
    email: Type.Boolean(),
    push: Type.Boolean(),
    marketing: Type.Boolean(),
  },
  { title: 'NotificationPreferences' },
)

/** A member's own account with what nobody else sees. */
export const userSelf = Type.Object(
  {
    ...userFull.properties,
    phone: nullable(Type.String()),
    date_of_birth: nullable(Type.String({ format: 'date' })),
    notification_preferences: notificationPreferences,
  },
  { title: 'UserSelf' },
)

/** Members: reading and finding them, and a member's own profile. */
export const usersContract = defineContract({
  getSelf: {
    method: 'GET',
    path: '/users/me',
    summary: 'Read your own account with what nobody else sees',
    responses: { 200: userSelf },
    errors: [],
  },
  updateSelf: {
    method: 'PUT',
    path: '/users/me',
    summary: 'Change your profile; what is left out stays as it is',
    body: Type.Object({
      display_name: displayName,
      full_name: displayName,
      bio: Type.Optional(nullable(multiLine({ max: accountLimits.bio }))),
      avatar_url: webAddress,
      cover_image_url: webAddress,
      website_url: webAddress,
      location: Type.Optional(nullable(singleLine({ max: accountLimits.location }))),
      is_private: Type.Optional(Type.Boolean()),
    }),
    responses: { 200: userFull },
    errors: ['accounts.refresh_invalid'],
  },
  listUsers: {
    method: 'GET',
    path: '/users',
    summary: 'List members, newest first',
    query: listQueryWith({
      role: Type.Optional(oneOf(userRoles)),
      status: Type.Optional(oneOf(userStatuses, { description: 'Moderators and above only.' })),
    }),
    responses: { 200: pageOf(member) },
    errors: ['accounts.cursor_invalid'],
  },
  searchUsers: {
    method: 'GET',
    path: '/users/search',
    summary: 'Find members by username or display name',
    query: listQueryWith({ q: Type.String({ minLength: 1, maxLength: accountLimits.search }) }),
    responses: { 200: pageOf(member) },
    errors: ['accounts.cursor_invalid'],
  },
  getUser: {
    method: 'GET',
    path: '/users/{id}',
    summary: 'Read a member by id or username',
    params: idOrName,
    responses: { 200: member },
    errors: ['accounts.user_not_found'],
  },
  deleteUser: {
    method: 'DELETE',
    path: '/users/{id}',
    summary: 'Delete an account for good: your own, or as an administrator somebody else’s',
    params: idOrName,
    responses: { 200: success },
    errors: [
      'accounts.user_not_found',
      'accounts.not_allowed',
      'accounts.last_admin',
      'accounts.factor_needed',
    ],
  },
})
