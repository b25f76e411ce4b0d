import { voidProofs } from '../modules/accounts/index.ts'
import type { Clock } from '../platform/clock.ts'
import type { Tx } from '../platform/db/index.ts'
import { raiseEpoch } from '../platform/state/state.ts'

/**
 * What a restore does before it commits: nothing that was handed out before it (a session, a link, a code) is accepted
 * afterwards (C35).
 */
export async function makeOldProofsWorthless(tx: Tx, clock: Clock): Promise<void> {
  await raiseEpoch(tx, clock)
  await voidProofs(tx, clock)
}
