import type { Tx } from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'

const revokeAll = sql.write((p: { userId: string; now: Date }) =>
  sql.builder
    .updateTable('personal_access_tokens')
    .set({ revoked_at: p.now, updated_at: p.now })
    .where('user_id', '=', p.userId)
    .where('revoked_at', 'is', null),
)

/** For the system: ends every personal access token of a member. */
export async function revokePersonalTokensOf(tx: Tx, end: { userId: string; now: Date }): Promise<void> {
  await revokeAll.run(tx, end)
}
