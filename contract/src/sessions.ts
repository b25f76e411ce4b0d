import { Type } from 'typebox'
import { password } from './accounts.ts'
import { instant, listQueryWith, pageOf, success, uuid } from './conventions.ts'
import { defineContract } from './endpoint.ts'
import { passkeyAssertion } from './passkeys.ts'

/** One open session of a member. */
export const session = Type.Object(
  {
    id: uuid,
    device: Type.String({ description: 'Browser and system in words, as far as the client told.' }),
    address: Type.String({ description: 'The network it was opened from, shortened.' }),
    created_at: instant,
    last_seen_at: instant,
    expires_at: instant,
    factors: Type.Array(Type.String(), { description: 'How it was signed in; RFC 8176.' }),
    current: Type.Boolean({ description: 'Whether this is the session that asks.' }),
  },
  { title: 'Session' },
)

/** The open sessions of a member, and ending them. */
export const sessionsContract = defineContract({
  logout: {
    method: 'POST',
    path: '/auth/logout',
    summary: 'End this session, or all of yours',
    body: Type.Object({ all: Type.Boolean({ default: false }) }),
    responses: { 200: success },
    errors: [],
  },
  listSessions: {
    method: 'GET',
    path: '/auth/sessions',
    summary: 'List your open sessions, the latest first',
    query: listQueryWith({}),
    responses: { 200: pageOf(session) },
    errors: ['accounts.cursor_invalid'],
  },
  endSession: {
    method: 'DELETE',
    path: '/auth/sessions/{id}',
    summary: 'End one of your sessions',
    params: Type.Object({ id: uuid }),
    responses: { 200: success },
    errors: ['accounts.session_not_found'],
  },
  reauthenticate: {
    method: 'POST',
    path: '/auth/reauthenticate',
    summary: 'Prove again that it is you; the session is fresh for five minutes',
    description: 'Takes one of `password`, `code` and `passkey`.',
    body: Type.Object({
      password: Type.Optional(password),
      code: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
      passkey: Type.Optional(passkeyAssertion),
    }),
    responses: { 200: success },
    errors: ['accounts.proof_missing', 'accounts.proof_incorrect', 'accounts.busy'],
  },
})
