import { computed, insertRow, integer, ownedBy, type Queryable, type Tx } from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'
import type { UserRow } from '../users/user.table.ts'
import { type revocationReasons, type SessionRow, sessions } from './session.table.ts'

/** Why a session ended. */
export type RevocationReason = (typeof revocationReasons)[number]

export const insertSession = insertRow(sql, sessions)

const byId = sql.read((p: { id: string }) => sql.from('sessions').selectAll().where('id', '=', p.id))

/** For the system: a session by the id that a refresh token names. */
export function findSession(db: Queryable, id: string): Promise<SessionRow | undefined> {
  return byId.first(db, { id })
}

const withState = () =>
  sql
    .from('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .selectAll('users')
    .select([
      'sessions.authenticated_at as session_authenticated_at',
      'sessions.expires_at as session_expires_at',
      'sessions.revoked_at as session_revoked_at',
    ])

const signedInUser = sql.read((p: { sessionId: string; userId: string }) =>
  withState().where('sessions.id', '=', p.sessionId).where(ownedBy('sessions.user_id', p.userId)),
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

const signedInUsers = sql.read((p: { sessionIds: string[] }) =>
  withState().select('sessions.id as session_id').where('sessions.id', 'in', p.sessionIds),
)

/** For the system: those of these sessions that there are, ended or not, by their ids, with the members whose they are. */
export async function findSignedInUsers(
  db: Queryable,
  sessionIds: readonly string[],
): Promise<ReadonlyMap<string, SignedInRow>> {
  const rows = await signedInUsers.all(db, { sessionIds: [...sessionIds] })
  return new Map(rows.map(({ session_id, ...row }) => [session_id, row]))
}

const withUser = sql.read((p: { id: string }) =>
  sql
    .from('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .selectAll('sessions')
    .select([
      'users.role as user_role',
      'users.status as user_status',
      'users.suspension_ends_at as user_suspension_ends_at',
    ])
    .where('sessions.id', '=', p.id),
)

/** A session with what of its member decides whether it may go on. */
export interface RefreshableSession {
  readonly session: SessionRow
  readonly user: Pick<UserRow, 'role' | 'status' | 'suspension_ends_at'>
}

/** For the system: a session by the id that a refresh token names, with its member. */
export async function findRefreshableSession(
  db: Queryable,
  id: string,
): Promise<RefreshableSession | undefined> {
  const found = await withUser.first(db, { id })
  if (!found) return undefined
  const { user_role, user_status, user_suspension_ends_at, ...session } = found
  return {
    session,
    user: { role: user_role, status: user_status, suspension_ends_at: user_suspension_ends_at },
  }
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

/**
 * Spends the refresh token before `next.refresh_counter`. Gives 1, or 0 when another request has spent it or the session
 * has ended. A transaction that returns this very promise takes one round trip.
 */
export function rotateSession(tx: Tx, next: Rotation): Promise<number> {
  const { id, refresh_counter, refreshed_at, idle_expires_at } = next
  const spent = refresh_counter - 1
  return rotate.run(tx, { id, refresh_counter, refreshed_at, idle_expires_at, spent })
}

const lock = sql.write((p: { id: string; userId: string; now: Date }) =>
  sql.builder
    .updateTable('sessions')
    .set((eb) => ({ refresh_counter: eb.ref('refresh_counter') }))
    .where('id', '=', p.id)
    .where('user_id', '=', p.userId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', p.now),
)

/** For the system: keeps a session from being ended until the transaction ends; false when it is not theirs or has ended. */
export async function lockSession(
  tx: Tx,
  session: { id: string; userId: string; now: Date },
): Promise<boolean> {
  return (await lock.run(tx, session)) === 1
}

type NewProof = { sessionId: string; userId: string; now: Date }

const prove = sql.write((p: NewProof & { amr: readonly string[] }) =>
  sql.builder
    .updateTable('sessions')
    .set({ authenticated_at: p.now, amr: p.amr, updated_at: p.now })
    .where('id', '=', p.sessionId)
    .where('user_id', '=', p.userId)
    .where('revoked_at', 'is', null),
)

/**
 * For the system: notes that a session's member was proven again, and how; false when it is not theirs or has ended. The
 * transaction holds the member.
 */
export async function renewProof(
  tx: Tx,
  { methods, ...at }: NewProof & { methods: readonly string[] },
): Promise<boolean> {
  const session = await findSession(tx, at.sessionId)
  if (!session) return false
  const amr = [...new Set([...session.amr, ...methods])]
  return (await prove.run(tx, { ...at, amr })) === 1
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

type EndOfOwn = { id: string; userId: string; now: Date; reason: RevocationReason }

const endOwn = sql.write((p: EndOfOwn) =>
  sql.builder
    .updateTable('sessions')
    .set({ revoked_at: p.now, revocation_reason: p.reason, updated_at: p.now })
    .where('id', '=', p.id)
    .where(ownedBy('sessions.user_id', p.userId))
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', p.now)
    .where('idle_expires_at', '>', p.now),
)

/** For a member: ends an open session of theirs; false when it is somebody else's, has ended, or never was. */
export async function endOwnSession(tx: Tx, end: EndOfOwn): Promise<boolean> {
  return (await endOwn.run(tx, end)) === 1
}

type EndOfAll = { userId: string; now: Date; reason: RevocationReason }

const endOfAll = (p: EndOfAll) =>
  sql.builder
    .updateTable('sessions')
    .set({ revoked_at: p.now, revocation_reason: p.reason, updated_at: p.now })
    .where('user_id', '=', p.userId)
    .where('revoked_at', 'is', null)

const revokeAll = sql.write(endOfAll)
const revokeOthers = sql.write((p: EndOfAll & { kept: string }) => endOfAll(p).where('id', '<>', p.kept))

/** For the system: ends every session of a member, but for one if so asked, with every token of them. */
export async function revokeSessionsOf(
  tx: Tx,
  { exceptSessionId: kept, ...end }: EndOfAll & { exceptSessionId?: string | undefined },
): Promise<void> {
  await (kept === undefined ? revokeAll.run(tx, end) : revokeOthers.run(tx, { ...end, kept }))
}

const openSessions = sql.read((p: { userId: string; now: Date }) =>
  sql
    .from('sessions')
    .selectAll()
    .where(ownedBy('sessions.user_id', p.userId))
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', p.now)
    .where('idle_expires_at', '>', p.now)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc'),
)

/** The open sessions of a member, the latest first. */
export function listOpenSessions(db: Queryable, at: { userId: string; now: Date }): Promise<SessionRow[]> {
  return openSessions.all(db, at)
}

const survey = sql.read((p: { userId: string; userAgent: string; now: Date }) =>
  sql
    .from('sessions')
    .select((eb) => [
      computed(eb.fn.countAll(), integer()).as('total'),
      computed(eb.fn.countAll().filterWhere('user_agent', '=', p.userAgent), integer()).as('of_device'),
      computed(
        eb.fn
          .countAll()
          .filterWhere('revoked_at', 'is', null)
          .filterWhere('expires_at', '>', p.now)
          .filterWhere('idle_expires_at', '>', p.now),
        integer(),
      ).as('open'),
    ])
    .where(ownedBy('sessions.user_id', p.userId)),
)

/** How many sessions of a member are open, and whether they have signed in before, but never with this client. */
export async function surveySessions(
  db: Queryable,
  at: { userId: string; userAgent: string; now: Date },
): Promise<{ open: number; isNewDevice: boolean }> {
  const { open, total, of_device } = (await survey.first(db, at)) ?? { open: 0, total: 0, of_device: 0 }
  return { open, isNewDevice: total > 0 && of_device === 0 }
}

// Note: a session ends at most 30 days after it could have been revoked first, so the index on `expires_at` finds both.
const deleteEnded = sql.write((p: { before: Date; expiresBefore: Date; limit: number }) =>
  sql.builder.deleteFrom('sessions').where('id', 'in', (eb) =>
    eb
      .selectFrom('sessions as old')
      .select('old.id')
      .where('old.expires_at', '<', p.expiresBefore)
      .where((or) => or.or([or('old.expires_at', '<', p.before), or('old.revoked_at', '<', p.before)]))
      .limit(p.limit),
  ),
)

/** For the system: forgets sessions that ended or expired before, at most `limit` at a time; says how many. */
export function deleteEndedSessions(
  tx: Tx,
  { before, limit, lifetimeMs }: { before: Date; limit: number; lifetimeMs: number },
): Promise<number> {
  return deleteEnded.run(tx, { before, expiresBefore: new Date(before.getTime() + lifetimeMs), limit })
}
