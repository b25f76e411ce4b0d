import { insertRow, type Queryable, type Tx } from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'
import { type EmailUndoTokenRow, emailUndoTokens } from './email-undo-token.table.ts'

const insert = insertRow(sql, emailUndoTokens)

const latest = sql.read((p: { userId: string }) =>
  sql
    .from('email_undo_tokens')
    .select('step')
    .where('user_id', '=', p.userId)
    .orderBy('step', 'desc')
    .limit(1),
)

/** For the system: keeps what undoes the latest change of a member, who must be held. */
export async function insertEmailUndoToken(tx: Tx, undo: Omit<EmailUndoTokenRow, 'step'>): Promise<void> {
  const before = await latest.first(tx, { userId: undo.user_id })
  await insert(tx, { ...undo, step: (before?.step ?? 0) + 1 })
}

interface Presented {
  readonly hash: Uint8Array
  readonly now: Date
}

const usable = sql.read((p: { hash: Uint8Array; now: Date }) =>
  sql.from('email_undo_tokens').selectAll().where('token_hash', '=', p.hash).where('expires_at', '>', p.now),
)

/** For the system: what a token undoes, without spending it; `undefined` when it is unknown, spent or too old. */
export function findEmailUndoToken(db: Queryable, token: Presented): Promise<EmailUndoTokenRow | undefined> {
  return usable.first(db, token)
}

const consume = sql.write((p: { hash: Uint8Array; now: Date }) =>
  sql.builder
    .deleteFrom('email_undo_tokens')
    .where('token_hash', '=', p.hash)
    .where('expires_at', '>', p.now),
)

/** For the system: spends a token once, however many ask at the same time; false when it is unknown, spent or too old. */
export async function consumeEmailUndoToken(tx: Tx, token: Presented): Promise<boolean> {
  return (await consume.run(tx, token)) === 1
}

const deleteAfter = sql.write((p: { userId: string; step: number }) =>
  sql.builder.deleteFrom('email_undo_tokens').where('user_id', '=', p.userId).where('step', '>', p.step),
)

/** For the system: takes back what undoes a member's later changes. */
export async function deleteEmailUndoTokensAfter(
  tx: Tx,
  { user_id: userId, step }: Pick<EmailUndoTokenRow, 'user_id' | 'step'>,
): Promise<void> {
  await deleteAfter.run(tx, { userId, step })
}

const holders = sql.read((p: { emails: string[]; now: Date }) =>
  sql
    .from('email_undo_tokens')
    .select(['email', 'user_id'])
    .where('email', 'in', p.emails)
    .where('expires_at', '>', p.now),
)

/** For the system: who may have which of these addresses back. */
export async function findHolders(
  db: Queryable,
  asked: { readonly emails: readonly string[]; readonly now: Date },
): Promise<ReadonlyMap<string, string>> {
  const found = await holders.all(db, { emails: [...asked.emails], now: asked.now })
  return new Map(found.map(({ email, user_id }) => [email, user_id]))
}

/** A member was given an address that another may have back. */
export class AddressHeldError extends Error {
  override readonly name = 'AddressHeldError'
}

/**
 * For the system: throws `AddressHeldError` when anybody but the member who gets them may have one of these addresses back. To
 * be called after they were written: a change that frees an address is then either not committed, and the unique index
 * refuses the row, or found here.
 */
export async function assertNotHeld(
  tx: Tx,
  { userId, ...asked }: { emails: readonly string[]; now: Date; userId?: string },
): Promise<void> {
  for (const holder of (await findHolders(tx, asked)).values())
    if (holder !== userId) throw new AddressHeldError('An address was given away that another may have back.')
}

const deleteExpired = sql.write((p: { before: Date; limit: number }) =>
  sql.builder
    .deleteFrom('email_undo_tokens')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('email_undo_tokens as old')
        .select('old.id')
        .where('old.expires_at', '<=', p.before)
        .limit(p.limit),
    ),
)

/** For the system: forgets links that ended before, at most `limit` at a time; says how many. */
export function deleteExpiredEmailUndoTokens(
  tx: Tx,
  batch: { before: Date; limit: number },
): Promise<number> {
  return deleteExpired.run(tx, batch)
}
