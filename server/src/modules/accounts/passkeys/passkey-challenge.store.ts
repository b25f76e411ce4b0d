import type { Tx } from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'

const deleteOf = sql.write((p: { userId: string }) =>
  sql.builder.deleteFrom('passkey_challenges').where('user_id', '=', p.userId),
)

/** For the system: forgets every challenge that was given to a member. */
export async function deleteChallengesOf(tx: Tx, userId: string): Promise<void> {
  await deleteOf.run(tx, { userId })
}
