import { accountLimits, emailInput, registration, userRoles, userStatuses } from '@outcry/contract/accounts'
import { oneOf, singleLine } from '@outcry/contract/conventions'
import { usersContract } from '@outcry/contract/users'
import { type Static, type TSchema, Type } from 'typebox'

const optional = <S extends TSchema>(schema: S) => Type.Optional(schema)

// Note: as databases and Python print moments, with a space for the T and without an offset too.
const moment = optional(
  Type.String({
    maxLength: 40,
    pattern: '^\\d{4}-\\d{2}-\\d{2}[T ]\\d{2}:\\d{2}:\\d{2}(?:\\.\\d+)?(?:[Zz]|[+-]\\d{2}(?::?\\d{2})?)?$',
    'x-refusal': 'must be a moment such as 2026-01-31T19:45:00Z',
  }),
)

const { properties: profile } = usersContract.updateSelf.body
const passwordHash = optional(Type.String({ maxLength: 255 }))
const phone = optional(singleLine({ max: accountLimits.phone }))

/** One line of a file of members from another platform, in the limits of the contract. Empty texts and null are absent. */
export const memberLine = Type.Object({
  id: optional(
    Type.String({
      // Note: the nil UUID (RFC 9562, section 5.9) is nobody's.
      pattern: '^(?!0{8}(?:-0{4}){3}-0{12}$)[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$',
      'x-refusal': 'must be a UUID',
    }),
  ),
  username: registration.username,
  email: emailInput,
  password_hash: passwordHash,
  hashed_password: passwordHash,
  ...profile,
  website: profile.website_url,
  phone,
  phone_number: phone,
  date_of_birth: optional(Type.String({ maxLength: 10 })),
  role: optional(oneOf(userRoles)),
  status: optional(oneOf(userStatuses)),
  is_verified: optional(Type.Boolean()),
  created_at: moment,
  email_verified_at: moment,
  last_login_at: moment,
})

/** What one line says, checked against `memberLine`. */
export type MemberLine = Static<typeof memberLine>
