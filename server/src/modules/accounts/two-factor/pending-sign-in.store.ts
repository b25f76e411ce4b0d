import { insertRow, type Queryable, type Tx } from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'
import { type PendingSignInRow, pendingSignIns } from './pending-sign-in.table.ts'

export const insertPendingSignIn = insertRow(sql, pendingSignIns)

const byHash = sql.read((p: { hash: Uint8Array }) =>
  sql.from('pending_sign_ins').selectAll().where('token_hash', '=', p.hash),
)

/** For the system: an unfinished sign-in by the digest of its token, be it over or not. */
export function findPendingSignIn(db: Queryable, hash: Uint8Array): Promise<PendingSignInRow | undefined> {
  return byHash.first(db, { hash })
}

const spend = sql.write((p: { id: string; now: Date }) =>
  sql.builder
    .updateTable('pending_sign_ins')
    .set({ used_at: p.now })
    .where('id', '=', p.id)
    .where('used_at', 'is', null)
    .where('expires_at', '>', p.now),
)

/** For the system: finishes a sign-in; false when it was finished before, has expired or was ended. */
export async function spendPendingSignIn(tx: Tx, end: { id: string; now: Date }): Promise<boolean> {
  return (await spend.run(tx, end)) === 1
}

const deleteOf = sql.write((p: { userId: string }) =>
  sql.builder.deleteFrom('pending_sign_ins').where('user_id', '=', p.userId),
)

/** For the system: ends every sign-in of a member that waits for its second factor. */
export async function deletePendingSignInsOf(tx: Tx, userId: string): Promise<void> {
  await deleteOf.run(tx, { userId })
}

const deleteExpired = sql.write((p: { before: Date; limit: number }) =>
  sql.builder
    .deleteFrom('pending_sign_ins')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('pending_sign_ins as old')
        .select('old.id')
        .where('old.expires_at', '<=', p.before)
        .limit(p.limit),
    ),
)

/** For the system: forgets sign-ins that nobody finished in time, at most `limit` at once; says how many. */
export function deleteExpiredPendingSignIns(tx: Tx, batch: { before: Date; limit: number }): Promise<number> {
  return deleteExpired.run(tx, batch)
}
