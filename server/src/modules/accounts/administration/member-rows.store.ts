import type { Tx } from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'

type Of = { userId: string }

const ownRows = [
  sql.write((p: Of) => sql.builder.deleteFrom('sessions').where('user_id', '=', p.userId)),
  sql.write((p: Of) => sql.builder.deleteFrom('passkeys').where('user_id', '=', p.userId)),
  sql.write((p: Of) => sql.builder.deleteFrom('recovery_codes').where('user_id', '=', p.userId)),
  sql.write((p: Of) => sql.builder.deleteFrom('personal_access_tokens').where('user_id', '=', p.userId)),
  sql.write((p: Of) => sql.builder.deleteFrom('email_verification_tokens').where('user_id', '=', p.userId)),
  sql.write((p: Of) => sql.builder.deleteFrom('email_change_tokens').where('user_id', '=', p.userId)),
  sql.write((p: Of) => sql.builder.deleteFrom('email_undo_tokens').where('user_id', '=', p.userId)),
]

/** For the system: deletes what a member signed in with and where from, and every token of theirs. */
export async function deleteRowsOf(tx: Tx, userId: string): Promise<void> {
  for (const rows of ownRows) await rows.run(tx, { userId })
}
