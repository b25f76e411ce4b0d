import { insertRow, type Tx } from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'
import { emailVerificationTokens } from './email-verification-token.table.ts'

export const insertEmailVerificationToken = insertRow(sql, emailVerificationTokens)

const consume = sql.write((p: { hash: Uint8Array; now: Date }) =>
  sql.builder
    .updateTable('email_verification_tokens')
    .set({ used_at: p.now })
    .where('token_hash', '=', p.hash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', p.now)
    .returning('user_id'),
)

/** Spends a token once, however many ask at the same time; `undefined` when it is unknown, spent or too old. */
export function consumeEmailVerificationToken(
  tx: Tx,
  token: { hash: Uint8Array; now: Date },
): Promise<{ user_id: string } | undefined> {
  return consume.first(tx, token)
}

const deleteOf = sql.write((p: { userId: string }) =>
  sql.builder
    .deleteFrom('email_verification_tokens')
    .where('user_id', '=', p.userId)
    .where('used_at', 'is', null),
)

/** For the system: makes every unused verification link of a member worthless. */
export async function deleteVerificationTokensOf(tx: Tx, userId: string): Promise<void> {
  await deleteOf.run(tx, { userId })
}

const deleteExpired = sql.write((p: { before: Date; limit: number }) =>
  sql.builder
    .deleteFrom('email_verification_tokens')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('email_verification_tokens as old')
        .select('old.id')
        .where('old.expires_at', '<=', p.before)
        .limit(p.limit),
    ),
)

/** For the system: forgets links that ended before, at most `limit` at a time; says how many. */
export function deleteExpiredVerificationTokens(
  tx: Tx,
  batch: { before: Date; limit: number },
): Promise<number> {
  return deleteExpired.run(tx, batch)
}
