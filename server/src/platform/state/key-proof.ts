import type { Clock } from '../clock.ts'
import { canaryKeyId, openCanary, sealCanary } from '../crypto/key-check.ts'
import type { KeyRingKind } from '../crypto/key-ring.ts'
import type { Db } from '../db/index.ts'
import { initialState, readState, type StateName, writeState } from './state.ts'

/** Where the proof of a ring is kept. */
export interface KeyProof {
  readonly db: Db
  readonly clock: Clock
  readonly name: Extract<StateName, 'key_check' | 'vault_key_check'>
}

/**
 * Proves that a ring is the one this database is sealed with, or that ring with keys added. The first ring to be proven is
 * the database's from then on; one with keys added is noted, so that no older copy of it is taken afterwards. Throws
 * `KeyRingError` (`wrong`) and changes nothing otherwise.
 */
export async function proveKeyRing<Ring>(
  kind: KeyRingKind<string, Ring>,
  ring: Ring,
  { db, clock, name }: KeyProof,
): Promise<void> {
  const isNoted = (canary: string): boolean => {
    openCanary(kind, ring, canary)
    return canaryKeyId(kind, ring, canary) === kind.sealing(ring).current.id
  }
  const known = await readState(db, name)
  if (known !== undefined && isNoted(known)) return
  const value = sealCanary(kind, ring)
  await db.withSystem(async (tx) => {
    const stored = await initialState(tx, name, { value, clock }) // of two nodes that start together, one was first
    if (!isNoted(stored)) await writeState(tx, name, { value, clock })
  })
}
