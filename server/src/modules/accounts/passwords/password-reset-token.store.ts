import { insertRow, type Queryable, type Tx } from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'
import { passwordResetTokens } from './password-reset-token.table.ts'

export const insertPasswordResetToken = insertRow(sql, passwordResetTokens)

interface Presented {
  readonly hash: Uint8Array
  readonly now: Date
}

const usable = sql.read((p: { hash: Uint8Array; now: Date }) =>
  sql
    .from('password_reset_tokens')
    .select('user_id')
    .where('token_hash', '=', p.hash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', p.now),
)

/** For the system: whose token this is, without spending it; `undefined` when it is unknown, spent or too old. */
export function findPasswordResetToken(
  db: Queryable,
  token: Presented,
): Promise<{ user_id: string } | undefined> {
  return usable.first(db, token)
}

const consume = sql.write((p: { hash: Uint8Array; now: Date }) =>
  sql.builder
    .updateTable('password_reset_tokens')
    .set({ used_at: p.now })
    .where('token_hash', '=', p.hash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', p.now),
)

/** Spends a token once, however many ask at the same time; false when it is unknown, spent or too old. */
export async function consumePasswordResetToken(tx: Tx, token: Presented): Promise<boolean> {
  return (await consume.run(tx, token)) === 1
}

const deleteOf = sql.write((p: { userId: string }) =>
  sql.builder.deleteFrom('password_reset_tokens').where('user_id', '=', p.userId),
)

/** For the system: makes every reset link of a member worthless. */
export async function deletePasswordResetTokensOf(tx: Tx, userId: string): Promise<void> {
  await deleteOf.run(tx, { userId })
}

const deleteExpired = sql.write((p: { before: Date; limit: number }) =>
  sql.builder
    .deleteFrom('password_reset_tokens')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('password_reset_tokens as old')
        .select('old.id')
        .where('old.expires_at', '<=', p.before)
        .limit(p.limit),
    ),
)

/** For the system: forgets links that ended before, at most `limit` at a time; says how many. */
export function deleteExpiredPasswordResetTokens(
  tx: Tx,
  batch: { before: Date; limit: number },
): Promise<number> {
  return deleteExpired.run(tx, batch)
}
