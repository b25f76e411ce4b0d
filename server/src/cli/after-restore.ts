import { voidProofs } from '../modules/accounts/index.ts'
import type { Clock } from '../platform/clock.ts'
import type { Tx } from '../platform/db/index.ts'
import { countUsesBeforeRestore } from '../platform/state/key-uses.ts'
import { raiseEpoch } from '../platform/state/state.ts'

/**
 * What a restore does before it commits: nothing that was handed out before it (a session, a link, a code) is accepted
 * afterwards (C35), and what was sealed since the backup counts as a use of its key (C58).
 */
export async function makeOldProofsWorthless(tx: Tx, clock: Clock): Promise<void> {
  await raiseEpoch(tx, clock)
  await countUsesBeforeRestore(tx)
  await voidProofs(tx, clock)
}
