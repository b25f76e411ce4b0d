import type { Tx } from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'

const deleteOf = sql.write((p: { userId: string }) =>
  sql.builder.deleteFrom('pending_sign_ins').where('user_id', '=', p.userId),
)

/** For the system: ends every sign-in of a member that waits for its second factor. */
export async function deletePendingSignInsOf(tx: Tx, userId: string): Promise<void> {
  await deleteOf.run(tx, { userId })
}
