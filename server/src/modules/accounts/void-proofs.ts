import type { Clock } from '../../platform/clock.ts'
import type { Tx } from '../../platform/db/index.ts'
import { forgetState } from '../../platform/state/state.ts'
import { sql } from './accounts.tables.ts'
import { stepOf } from './two-factor/totp.ts'

const endSessions = sql.write((p: { now: Date }) =>
  sql.builder
    .updateTable('sessions')
    .set({ revoked_at: p.now, revocation_reason: 'admin', updated_at: p.now })
    .where('revoked_at', 'is', null),
)

const oneTimeProofs = [
  sql.write(() => sql.builder.deleteFrom('email_verification_tokens')),
  sql.write(() => sql.builder.deleteFrom('password_reset_tokens')),
  sql.write(() => sql.builder.deleteFrom('email_change_tokens')),
  sql.write(() => sql.builder.deleteFrom('email_undo_tokens')),
  sql.write(() => sql.builder.deleteFrom('pending_sign_ins')),
  sql.write(() => sql.builder.deleteFrom('passkey_challenges')),
]

const endPersonalTokens = sql.write((p: { now: Date }) =>
  sql.builder
    .updateTable('personal_access_tokens')
    .set({ revoked_at: p.now, updated_at: p.now })
    .where('revoked_at', 'is', null),
)

// Note: the backup does not know which codes were used after it, so every step up to now counts as used.
const passOverCodes = sql.write((p: { step: number }) =>
  sql.builder
    .updateTable('users')
    .set({ two_factor_last_step: p.step })
    .where('two_factor_last_step', '<', p.step),
)

const deleteRecoveryCodes = sql.write(() => sql.builder.deleteFrom('recovery_codes'))

/**
 * Ends every session, token, one-time link and code there is, for a restore (C35): what they were when it was backed up is
 * no proof today. Backup codes go too, because those used after the backup would count again.
 */
export async function voidProofs(tx: Tx, clock: Clock): Promise<void> {
  const now = clock.now()
  await endSessions.run(tx, { now })
  await endPersonalTokens.run(tx, { now })
  for (const proofs of oneTimeProofs) await proofs.run(tx, {})
  await forgetState(tx, 'setup_token')
  await passOverCodes.run(tx, { step: stepOf(now) + 1 })
  await deleteRecoveryCodes.run(tx, {})
}
