import { insertRow, type Tx } from '../../platform/db/index.ts'
import { sql } from './accounts.tables.ts'
import { passwordResetTokens } from './password-reset-token.table.ts'

export const insertPasswordResetToken = insertRow(sql, passwordResetTokens)

const deleteOf = sql.write((p: { userId: string }) =>
  sql.builder.deleteFrom('password_reset_tokens').where('user_id', '=', p.userId),
)

/** For the system: makes every reset link of a member worthless. */
export async function deletePasswordResetTokensOf(tx: Tx, userId: string): Promise<void> {
  await deleteOf.run(tx, { userId })
}
