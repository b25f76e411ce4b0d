import type { Clock } from '../../platform/clock.ts'
import type { Tx } from '../../platform/db/index.ts'
import { sql } from './accounts.tables.ts'

const endSessions = sql.write((p: { now: Date }) =>
  sql.builder
    .updateTable('sessions')
    .set({ revoked_at: p.now, revocation_reason: 'admin', updated_at: p.now })
    .where('revoked_at', 'is', null),
)

const deleteVerificationTokens = sql.write(() => sql.builder.deleteFrom('email_verification_tokens'))

/** Ends every session and one-time link there is, for a restore: what they were when it was backed up is no proof today. */
export async function voidProofs(tx: Tx, clock: Clock): Promise<void> {
  await endSessions.run(tx, { now: clock.now() })
  await deleteVerificationTokens.run(tx, {})
}
