import { Type } from 'typebox'
import { accountLimits, userFull, userRoles, userStatuses } from './accounts.ts'
import { instantInput, multiLine, nullable, oneOf, success } from './conventions.ts'
import { defineContract } from './endpoint.ts'

const idOrName = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) })
const reason = Type.Optional(nullable(multiLine({ max: accountLimits.reason })))

const sanction = {
  params: idOrName,
  responses: { 200: success },
  errors: [
    'accounts.user_not_found',
    'accounts.not_allowed',
    'accounts.not_yourself',
    'accounts.last_admin',
    'accounts.factor_needed',
  ],
} as const

/** What administrators do with other members’ accounts. */
export const userAdministrationContract = defineContract({
  administerUser: {
    method: 'PUT',
    path: '/users/{id}/admin',
    summary: 'Change the role, status or verification of a member',
    params: idOrName,
    body: Type.Object({
      role: Type.Optional(oneOf(userRoles)),
      status: Type.Optional(oneOf(userStatuses)),
      is_verified: Type.Optional(Type.Boolean()),
      suspension_reason: reason,
      suspension_expires_at: Type.Optional(nullable(instantInput)),
    }),
    responses: { 200: userFull },
    errors: [
      'accounts.user_not_found',
      'accounts.not_allowed',
      'accounts.own_role',
      'accounts.last_admin',
      'accounts.factor_needed',
      'accounts.suspension_end_invalid',
    ],
  },
  activateUser: {
    method: 'POST',
    path: '/users/{id}/activate',
    summary: 'Open an account again',
    body: Type.Object({ reason }),
    ...sanction,
  },
  deactivateUser: {
    method: 'POST',
    path: '/users/{id}/deactivate',
    summary: 'Close an account until it is opened again',
    body: Type.Object({ reason }),
    ...sanction,
  },
  suspendUser: {
    method: 'POST',
    path: '/users/{id}/suspend',
    summary: 'Suspend a member, for a time or until further notice',
    params: idOrName,
    body: Type.Object({ reason, until: Type.Optional(nullable(instantInput)) }),
    responses: { 200: success },
    errors: [...sanction.errors, 'accounts.suspension_end_invalid'],
  },
})
