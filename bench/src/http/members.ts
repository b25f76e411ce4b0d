import { sql } from '../../../server/src/modules/accounts/accounts.tables.ts'
import { insertSession } from '../../../server/src/modules/accounts/session.store.ts'
import { users } from '../../../server/src/modules/accounts/user.table.ts'
import { createUuidv7 } from '../../../server/src/platform/crypto/uuid.ts'
import { type Db, insertRow } from '../../../server/src/platform/db/index.ts'

const BATCH = 2_000
const DAY_MS = 86_400_000
const insertUser = insertRow(sql, users)

/** An active member and a session of theirs, without the cost of a password. */
export interface SeededMember {
  readonly userId: string
  readonly sessionId: string
}

/** Adds `count` active members, each signed in once. */
export async function seedMembers(db: Db, count: number, refreshKeyId: string): Promise<SeededMember[]> {
  const newId = createUuidv7({ now: () => new Date() })
  const members = Array.from({ length: count }, () => ({ userId: newId(), sessionId: newId() }))
  for (let from = 0; from < count; from += BATCH) {
    await db.withSystem(async (tx) => {
      const batch = members.slice(from, from + BATCH)
      await Promise.all(batch.map(({ userId }, i) => insertUser(tx, memberRow(userId, from + i))))
      await Promise.all(batch.map((member) => insertSession(tx, sessionRow(member, refreshKeyId))))
    })
  }
  return members
}

function memberRow(id: string, n: number) {
  const now = new Date()
  return {
    id,
    created_at: now,
    updated_at: now,
    username: `Member_${n}`,
    username_key: `member_${n}`,
    email: `member_${n}@example.test`,
    display_name: `Member number ${n}`,
    bio: 'Trades what is liquid, writes down why, and reads it again in the evening.',
    status: 'active' as const,
    email_verified_at: now,
  }
}

function sessionRow({ userId, sessionId }: SeededMember, refreshKeyId: string) {
  const now = new Date()
  return {
    id: sessionId,
    user_id: userId,
    created_at: now,
    updated_at: now,
    last_seen_at: now,
    expires_at: new Date(now.getTime() + 30 * DAY_MS),
    idle_expires_at: new Date(now.getTime() + 7 * DAY_MS),
    authenticated_at: now,
    amr: ['pwd'],
    refresh_key_id: refreshKeyId,
    refreshed_at: now,
    user_agent: 'bench',
    ip_address: '127.0.0.1',
  }
}
