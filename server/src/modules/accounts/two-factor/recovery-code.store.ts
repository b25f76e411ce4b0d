import {
  computed,
  insertRow,
  integer,
  type NewRow,
  type Queryable,
  type Tx,
} from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'
import { recoveryCodes } from './recovery-code.table.ts'

export const insertRecoveryCode: (tx: Tx, code: NewRow<typeof recoveryCodes>) => Promise<void> = insertRow(
  sql,
  recoveryCodes,
)

const deleteOf = sql.write((p: { userId: string }) =>
  sql.builder.deleteFrom('recovery_codes').where('user_id', '=', p.userId),
)

/** For the system: makes every recovery code of a member worthless. */
export async function deleteRecoveryCodesOf(tx: Tx, userId: string): Promise<void> {
  await deleteOf.run(tx, { userId })
}

type Spend = { userId: string; hash: Uint8Array; now: Date }

const spend = sql.write((p: Spend) =>
  sql.builder
    .updateTable('recovery_codes')
    .set({ used_at: p.now })
    .where('user_id', '=', p.userId)
    .where('code_hash', '=', p.hash)
    .where('used_at', 'is', null),
)

/** For the system: uses up a recovery code of a member; false when it is not theirs or was used before. */
export async function spendRecoveryCode(tx: Tx, code: Spend): Promise<boolean> {
  return (await spend.run(tx, code)) === 1
}

const unused = sql.read((p: { userId: string }) =>
  sql
    .from('recovery_codes')
    .select((eb) => computed(eb.fn.countAll(), integer()).as('total'))
    .where('user_id', '=', p.userId)
    .where('used_at', 'is', null),
)

/** For the system: how many recovery codes a member has left. */
export async function countUnusedRecoveryCodes(db: Queryable, userId: string): Promise<number> {
  return (await unused.first(db, { userId }))?.total ?? 0
}
