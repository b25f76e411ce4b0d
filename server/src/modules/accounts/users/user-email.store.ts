import type { Tx } from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'

type Move = { id: string; from: string; to: string; now: Date }

const change = sql.write((p: Move) =>
  sql.builder
    .updateTable('users')
    .set({ email: p.to, email_verified_at: p.now, updated_at: p.now })
    .where('id', '=', p.id)
    .where('email', '=', p.from),
)

/**
 * Gives a member another address, which they have proven; false when the one before is not theirs any more. Throws a unique
 * violation on `email`.
 */
export async function changeEmail(tx: Tx, move: Move): Promise<boolean> {
  return (await change.run(tx, move)) === 1
}

const restore = sql.write((p: Move) =>
  sql.builder
    .updateTable('users')
    .set({ email: p.to, email_verified_at: p.now, password_hash: null, updated_at: p.now })
    .where('id', '=', p.id)
    .where('email', '=', p.from),
)

/** The same for an address that they had before; their password is forgotten, because somebody else may have set it. */
export async function restoreEmail(tx: Tx, move: Move): Promise<boolean> {
  return (await restore.run(tx, move)) === 1
}
