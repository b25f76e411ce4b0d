import type { Clock } from '../../platform/clock.ts'
import type { Db, Tx } from '../../platform/db/index.ts'
import { DAY, HOUR } from '../../platform/durations.ts'
import type { Jobs } from '../../platform/jobs/jobs.ts'
import { deleteExpiredEmailChangeTokens } from './email-change/email-change-token.store.ts'
import { deleteExpiredEmailUndoTokens } from './email-change/email-undo-token.store.ts'
import { deleteExpiredChallenges } from './passkeys/passkey-challenge.store.ts'
import { deleteExpiredPasswordResetTokens } from './passwords/password-reset-token.store.ts'
import { deleteExpiredPersonalTokens } from './personal-tokens/personal-token.store.ts'
import { deleteExpiredVerificationTokens } from './registration/email-verification-token.store.ts'
import { deleteEndedSessions } from './sessions/session.store.ts'
import { ABSOLUTE_MS } from './sessions/session-tokens.ts'
import { deleteExpiredPendingSignIns } from './two-factor/pending-sign-in.store.ts'

/** How long ended sessions are kept, for tracing what happened and for knowing a device again. */
const SESSIONS_KEPT_MS = 90 * DAY
/** How long a personal access token that expired is kept: so long its use can still be told to be one. */
const TOKENS_KEPT_MS = 30 * DAY
const BATCH = 500

type DeleteBatch = (tx: Tx, limit: number) => Promise<number>

/**
 * Registers the hourly job that forgets what has ended: sessions after 90 days, expired personal access tokens after 30, what
 * was begun and not finished in time at once.
 */
export function cleanAccounts(
  jobs: Pick<Jobs, 'repeat'>,
  { db, clock, batch = BATCH }: { readonly db: Db; readonly clock: Clock; readonly batch?: number },
): void {
  const deleteAll = async (deleteBatch: DeleteBatch, signal: AbortSignal) => {
    // Note: in small transactions, so that nobody waits for a long one.
    while (!signal.aborted) {
      if ((await db.withSystem((tx) => deleteBatch(tx, batch))) < batch) return
    }
  }
  jobs.repeat('accounts.clean', HOUR, async ({ signal }) => {
    const now = clock.now()
    const before = new Date(now.getTime() - SESSIONS_KEPT_MS)
    const lifetimeMs = ABSOLUTE_MS
    const tokensBefore = new Date(now.getTime() - TOKENS_KEPT_MS)
    await deleteAll((tx, limit) => deleteEndedSessions(tx, { before, limit, lifetimeMs }), signal)
    await deleteAll((tx, limit) => deleteExpiredVerificationTokens(tx, { before: now, limit }), signal)
    await deleteAll((tx, limit) => deleteExpiredPasswordResetTokens(tx, { before: now, limit }), signal)
    await deleteAll((tx, limit) => deleteExpiredEmailChangeTokens(tx, { before: now, limit }), signal)
    await deleteAll((tx, limit) => deleteExpiredEmailUndoTokens(tx, { before: now, limit }), signal)
    await deleteAll((tx, limit) => deleteExpiredPendingSignIns(tx, { before: now, limit }), signal)
    await deleteAll((tx, limit) => deleteExpiredChallenges(tx, { before: now, limit }), signal)
    await deleteAll((tx, limit) => deleteExpiredPersonalTokens(tx, { before: tokensBefore, limit }), signal)
  })
}
