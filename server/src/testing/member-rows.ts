import { type SessionRow, sessions } from '../modules/accounts/sessions/session.table.ts'
import { withSearchKey } from '../modules/accounts/users/user.store.ts'
import { type NewUser, users } from '../modules/accounts/users/user.table.ts'
import { canonicalText, createSql, type Db, insertRow, type NewRow } from '../platform/db/index.ts'
import { DAY } from '../platform/durations.ts'

const BATCH = 2_000
const sql = createSql(users, sessions)
const insertUser = insertRow(sql, users)
const insertSession = insertRow(sql, sessions)

/** A member as rows, and a session of theirs if they are signed in. */
export interface MemberRows {
  readonly user: NewUser
  readonly session?: NewRow<typeof sessions>
}

/** The address that a member made by a test or a benchmark has. */
export const emailOf = (username: string) => `${username.toLowerCase()}@example.test`

/** The row of an active member without a password. */
export function memberRow(id: string, username: string, now: Date): NewUser {
  return {
    id,
    created_at: now,
    updated_at: now,
    username,
    username_key: canonicalText(username),
    email: emailOf(username),
    status: 'active',
  }
}

/** The row of a session that was opened at `now` with a password and is good for as long as any. */
export function sessionRow(
  { id, user_id, refresh_key_id }: Pick<SessionRow, 'id' | 'user_id' | 'refresh_key_id'>,
  now: Date,
): NewRow<typeof sessions> {
  return {
    id,
    user_id,
    created_at: now,
    updated_at: now,
    last_seen_at: now,
    expires_at: new Date(now.getTime() + 30 * DAY),
    idle_expires_at: new Date(now.getTime() + 7 * DAY),
    authenticated_at: now,
    amr: ['pwd'],
    refresh_key_id,
    refreshed_at: now,
    user_agent: 'a browser',
    ip_address: '192.0.2.1',
  }
}

/** Adds members in few transactions, in the order given and without the cost of hashing passwords. */
export async function insertMemberRows(db: Db, members: readonly MemberRows[]): Promise<void> {
  for (let from = 0; from < members.length; from += BATCH) {
    const batch = members.slice(from, from + BATCH)
    await db.withSystem(async (tx) => {
      await Promise.all(batch.map(({ user }) => insertUser(tx, withSearchKey(user))))
      await Promise.all(batch.map(({ session }) => session && insertSession(tx, session)))
    })
  }
}
