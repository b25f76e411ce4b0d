import { insertRow, type Queryable, type Tx } from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'
import { type EmailChangeTokenRow, emailChangeTokens } from './email-change-token.table.ts'

/** Adds what a member asked for. Throws a unique violation on `user_id` while they wait for another. */
export const insertEmailChangeToken = insertRow(sql, emailChangeTokens)

interface Presented {
  readonly hash: Uint8Array
  readonly now: Date
}

const usable = sql.read((p: { hash: Uint8Array; now: Date }) =>
  sql
    .from('email_change_tokens')
    .selectAll()
    .where('token_hash', '=', p.hash)
    .where('expires_at', '>', p.now),
)

/** For the system: what a token is for, without spending it; `undefined` when it is unknown, spent or too old. */
export function findEmailChangeToken(
  db: Queryable,
  token: Presented,
): Promise<EmailChangeTokenRow | undefined> {
  return usable.first(db, token)
}

const consume = sql.write((p: { hash: Uint8Array; now: Date }) =>
  sql.builder
    .deleteFrom('email_change_tokens')
    .where('token_hash', '=', p.hash)
    .where('expires_at', '>', p.now),
)

/** For the system: spends a token once, however many ask at the same time; false when it is unknown, spent or too old. */
export async function consumeEmailChangeToken(tx: Tx, token: Presented): Promise<boolean> {
  return (await consume.run(tx, token)) === 1
}

const deleteOf = sql.write((p: { userId: string }) =>
  sql.builder.deleteFrom('email_change_tokens').where('user_id', '=', p.userId),
)

/** For the system: takes back what a member asked for and has not proven. */
export async function deleteEmailChangeTokensOf(tx: Tx, userId: string): Promise<void> {
  await deleteOf.run(tx, { userId })
}

const deleteExpired = sql.write((p: { before: Date; limit: number }) =>
  sql.builder
    .deleteFrom('email_change_tokens')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('email_change_tokens as old')
        .select('old.id')
        .where('old.expires_at', '<=', p.before)
        .limit(p.limit),
    ),
)

/** For the system: forgets links that ended before, at most `limit` at a time; says how many. */
export function deleteExpiredEmailChangeTokens(
  tx: Tx,
  batch: { before: Date; limit: number },
): Promise<number> {
  return deleteExpired.run(tx, batch)
}
