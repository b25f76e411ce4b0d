import { insertRow, ownedBy, type Queryable, type Tx } from '../../platform/db/index.ts'
import { sql } from './accounts.tables.ts'
import { type revocationReasons, type SessionRow, sessions } from './session.table.ts'

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
    .select([
      'users.id',
      'users.role',
      'users.status',
      'sessions.authenticated_at',
      'sessions.expires_at',
      'sessions.revoked_at',
    ])
    .where('sessions.id', '=', p.sessionId)
    .where(ownedBy('sessions.user_id', p.userId)),
)

/** A member with the state of one session of theirs, as the two are at this moment. */
export function findSignedInUser(db: Queryable, at: { sessionId: string; userId: string }) {
  return signedInUser.first(db, at)
}

const rotate = sql.write((p: { id: string; from: number; to: number; now: Date; idleExpiresAt: Date }) =>
  sql.builder
    .updateTable('sessions')
    .set({
      refresh_counter: p.to,
      refreshed_at: p.now,
      last_seen_at: p.now,
      updated_at: p.now,
      idle_expires_at: p.idleExpiresAt,
    })
    .where('id', '=', p.id)
    .where('refresh_counter', '=', p.from)
    .where('revoked_at', 'is', null),
)

/** Spends the refresh token with counter `from`; false when another request has spent it. */
export async function rotateSession(
  tx: Tx,
  rotation: { id: string; from: number; to: number; now: Date; idleExpiresAt: Date },
): Promise<boolean> {
  return (await rotate.run(tx, rotation)) === 1
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
