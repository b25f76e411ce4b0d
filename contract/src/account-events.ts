import { type Static, Type } from 'typebox'
import { instant, listQueryWith, nullable, oneOf, pageOf, uuid } from './conventions.ts'
import { defineContract } from './endpoint.ts'

/**
 * What of the audit log a member reads about their own account; an action that does not stand here is not shown. Of broker
 * keys it is what changes them; `credential.chosen`, `read` and `validated` only of keys that are not there, for what was
 * done with a key has a log of its own.
 */
export const accountActions = [
  'access.refused',
  'account.created_by_operator',
  'account.deleted',
  'account.email_change_asked',
  'account.email_change_undone',
  'account.email_changed',
  'account.email_verified',
  'account.imported_by_operator',
  'account.password_changed',
  'account.password_reset',
  'account.password_reset_asked',
  'account.password_set_by_operator',
  'account.registered',
  'account.role_set_by_admin',
  'account.role_set_by_operator',
  'account.set_up',
  'account.status_set_by_admin',
  'account.status_set_by_operator',
  'account.suspension_ended',
  'account.two_factor_disabled_by_operator',
  'account.verification_asked',
  'account.verified_set_by_admin',
  'credential.changed',
  'credential.chosen',
  'credential.deleted',
  'credential.read',
  'credential.rotated',
  'credential.stored',
  'credential.validated',
  'passkey.added',
  'passkey.flagged',
  'passkey.removed',
  'personal_token.created',
  'personal_token.revoked',
  'personal_token.used',
  'session.ended',
  'session.reauthenticated',
  'session.refresh',
  'session.signed_out',
  'session.signed_out_everywhere',
  'sign_in.passkey',
  'sign_in.password',
  'sign_in.second_factor',
  'trading_account.changed',
  'trading_account.created',
  'trading_account.deleted',
  'trading_account.read',
  'two_factor.backup_codes_renewed',
  'two_factor.begun',
  'two_factor.disabled',
  'two_factor.enabled',
] as const

/** The name of something that happened to an account. */
export type AccountAction = (typeof accountActions)[number]

/** Something that happened to a member's account. */
export const accountEvent = Type.Object(
  {
    id: uuid,
    at: instant,
    action: oneOf(accountActions),
    result: oneOf(['ok', 'refused', 'failed'], { description: 'Done, not allowed, or broken off.' }),
    factor: nullable(Type.String({ description: 'What was shown, separated by spaces; RFC 8176.' })),
    address: nullable(
      Type.String({
        description:
          'Where it came from: null for what an administrator did; of a failed sign-in, the address it came from, whoever that was.',
      }),
    ),
    session_id: nullable(
      Type.String({
        format: 'uuid',
        description: 'The session it was done in; a sign-in without one is not finished.',
      }),
    ),
    current: Type.Boolean({ description: 'Whether it was done in the session that asks.' }),
    by_administrator: Type.Boolean({ description: 'Whether somebody who runs this instance did it.' }),
  },
  { title: 'AccountEvent' },
)

/** The wire form of what happened to an account. */
export type AccountEvent = Static<typeof accountEvent>

/** What happened to one's account. */
export const accountEventsContract = defineContract({
  listAccountEvents: {
    method: 'GET',
    path: '/users/me/events',
    summary: 'List what happened to your account, the latest first',
    description:
      'It has sign-ins and failed ones, changes of password, address, factors, tokens and sessions, and what administrators did. Of trading accounts and broker keys it has what was added, changed and deleted, and what was asked for and is not there. What was done with a key stands in `GET /credentials/{id}/audit`. That a session is still used stands in `last_seen_at` of `GET /auth/sessions`. `total` and `skip` go no further than 10,000. A cursor leads on to the first event.',
    query: listQueryWith({}),
    responses: { 200: pageOf(accountEvent) },
    errors: ['accounts.cursor_invalid'],
  },
})
