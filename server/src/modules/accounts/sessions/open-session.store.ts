import type { Queryable } from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'
import type { UserRow } from '../users/user.table.ts'

/** How many ids one statement takes. */
const BATCH = 500

const among = sql.read((p: { ids: string[]; now: Date }) =>
  sql
    .from('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select(['sessions.id as session_id', 'users.status', 'users.suspension_ends_at'])
    .where('sessions.id', 'in', p.ids)
    .where('sessions.revoked_at', 'is', null)
    .where('sessions.expires_at', '>', p.now)
    .where('sessions.idle_expires_at', '>', p.now),
)

/** An open session with what of its member decides whether it lets them in. */
export type OpenSession = Pick<UserRow, 'status' | 'suspension_ends_at'> & { readonly session_id: string }

/** For the system: those of these sessions that have not ended. */
export async function findOpenSessions(
  db: Queryable,
  { ids, now }: { ids: readonly string[]; now: Date },
): Promise<OpenSession[]> {
  const batches = Array.from({ length: Math.ceil(ids.length / BATCH) }, (_, n) =>
    ids.slice(n * BATCH, (n + 1) * BATCH),
  )
  return (await Promise.all(batches.map((batch) => among.all(db, { ids: batch, now })))).flat()
}
