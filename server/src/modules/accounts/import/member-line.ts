import { accountLimits, emailInput, registration, userRoles, userStatuses } from '@outcry/contract/accounts'
import { multiLine, oneOf, singleLine } from '@outcry/contract/conventions'
import { type Static, type TSchema, Type } from 'typebox'

const optional = <S extends TSchema>(schema: S) => Type.Optional(schema)

const webAddress = optional(
  Type.String({
    maxLength: accountLimits.url,
    pattern: '^https?://[^\\s\\u0000-\\u001f\\u007f]+$',
    'x-refusal': 'must be an address that begins with https:// or http://',
  }),
)

// Note: as databases and Python print moments, with a space for the T and without an offset too.
const moment = optional(
  Type.String({
    maxLength: 40,
    pattern:
      '^\\d{4}-\\d{2}-\\d{2}[T ]\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,9})?(?:[Zz]|[+-]\\d{2}(?::?\\d{2})?)?$',
    'x-refusal': 'must be a moment such as 2026-01-31T19:45:00Z',
  }),
)

const passwordHash = optional(Type.String({ maxLength: 255 }))
const displayName = optional(singleLine({ max: accountLimits.displayName }))
const phone = optional(singleLine({ max: accountLimits.phone }))

/** One line of a file of members from another platform, in the limits of the contract. Empty texts and null are absent. */
export const memberLine = Type.Object({
  id: optional(
    Type.String({
      pattern: '^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$',
      'x-refusal': 'must be a UUID',
    }),
  ),
  username: registration.username,
  email: emailInput,
  password_hash: passwordHash,
  hashed_password: passwordHash,
  display_name: displayName,
  full_name: displayName,
  bio: optional(multiLine({ max: accountLimits.bio })),
  avatar_url: webAddress,
  cover_image_url: webAddress,
  website_url: webAddress,
  website: webAddress,
  location: optional(singleLine({ max: accountLimits.location })),
  phone,
  phone_number: phone,
  date_of_birth: optional(Type.String({ maxLength: 10 })),
  role: optional(oneOf(userRoles)),
  status: optional(oneOf(userStatuses)),
  is_verified: optional(Type.Boolean()),
  is_private: optional(Type.Boolean()),
  created_at: moment,
  email_verified_at: moment,
  last_login_at: moment,
})

/** What one line says, checked against `memberLine`. */
export type MemberLine = Static<typeof memberLine>
