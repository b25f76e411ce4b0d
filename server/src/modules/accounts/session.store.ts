import { insertRow, ownedBy, type Queryable, type Tx } from '../../platform/db/index.ts'
import { sql } from './accounts.tables.ts'
import { type revocationReasons, type SessionRow, sessions } from './session.table.ts'
import type { UserRow } from './user.table.ts'

type RevocationReason = (typeof revocationReasons)[number]

export const insertSession = insertRow(sql, sessions)

const byId = sql.read((p: { id: string }) => sql.from('sessions').selectAll().where('id', '=', p.id))

/** For the system: a session by the id that a refresh token names. */
export function findSession(db: Queryable, id: string): Promise<SessionRow | undefined> {
  return byId.first(db, { id })
}

const signedInUser = sql.read((p: { sessionId: string; userId: string }) =>
  sql
    .from('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .selectAll('users')
    .select([
      'sessions.authenticated_at as session_authenticated_at',
      'sessions.expires_at as session_expires_at',
      'sessions.revoked_at as session_revoked_at',
    ])
    .where('sessions.id', '=', p.sessionId)
    .where(ownedBy('sessions.user_id', p.userId)),
)

/** A member's row with what matters of one session of theirs. */
export type SignedInRow = UserRow &
  Readonly<{ session_authenticated_at: Date; session_expires_at: Date; session_revoked_at: Date | null }>

/** A member with the state of one session of theirs, as the two are at this moment. */
export function findSignedInUser(
  db: Queryable,
  at: { sessionId: string; userId: string },
): Promise<SignedInRow | undefined> {
  return signedInUser.first(db, at)
}

type Rotation = Pick<SessionRow, 'id' | 'refresh_counter' | 'refreshed_at' | 'idle_expires_at'>

const rotate = sql.write((p: Rotation & { spent: number }) =>
  sql.builder
    .updateTable('sessions')
    .set({
      refresh_counter: p.refresh_counter,
      refreshed_at: p.refreshed_at,
      last_seen_at: p.refreshed_at,
      updated_at: p.refreshed_at,
      idle_expires_at: p.idle_expires_at,
    })
    .where('id', '=', p.id)
    .where('refresh_counter', '=', p.spent)
    .where('revoked_at', 'is', null),
)

/** Spends the refresh token before `next.refresh_counter`; false when another request has, or the session has ended. */
export async function rotateSession(tx: Tx, next: Rotation): Promise<boolean> {
  const { id, refresh_counter, refreshed_at, idle_expires_at } = next
  const spent = refresh_counter - 1
  return (await rotate.run(tx, { id, refresh_counter, refreshed_at, idle_expires_at, spent })) === 1
}

const revoke = sql.write((p: { id: string; now: Date; reason: RevocationReason }) =>
  sql.builder
    .updateTable('sessions')
    .set({ revoked_at: p.now, revocation_reason: p.reason, updated_at: p.now })
    .where('id', '=', p.id)
    .where('revoked_at', 'is', null),
)

/** Ends a session with every token of it; false when it had ended already. */
export async function revokeSession(
  tx: Tx,
  end: { id: string; now: Date; reason: RevocationReason },
): Promise<boolean> {
  return (await revoke.run(tx, end)) === 1
}

const revokeAll = sql.write((p: { userId: string; now: Date; reason: RevocationReason }) =>
  sql.builder
    .updateTable('sessions')
    .set({ revoked_at: p.now, revocation_reason: p.reason, updated_at: p.now })
    .where('user_id', '=', p.userId)
    .where('revoked_at', 'is', null),
)

/** For the system: ends every session of a member with every token of them. */
export async function revokeSessionsOf(
  tx: Tx,
  end: { userId: string; now: Date; reason: RevocationReason },
): Promise<void> {
  await revokeAll.run(tx, end)
}
