import type { Clock } from '../clock.ts'
import type { KeyRingKind } from '../crypto/key-ring.ts'
import type { AnyTable, Db } from '../db/index.ts'
import { rewrapValues } from '../db/sealed/rewrap-values.ts'
import { MINUTE } from '../durations.ts'
import type { Logger } from '../log/logger.ts'
import { type KeyProof, proveKeyRing } from './key-proof.ts'
import { readState, type StateName, writeState } from './state.ts'

/** By then every process has looked at its key file and seals with the new key. */
const STRAGGLERS_MS = MINUTE

const SETTLED = {
  key_check: 'keys_settled',
  vault_key_check: 'vault_keys_settled',
} as const satisfies Record<KeyProof['name'], StateName>

export interface RewrapperOptions<Ring> {
  readonly db: Db
  readonly clock: Clock
  readonly log: Pick<Logger, 'info' | 'error'>
  readonly kind: KeyRingKind<string, Ring>
  /** Its sealing keys follow the file. */
  readonly ring: Ring
  /** Where the proof of the ring is kept. */
  readonly proof: KeyProof['name']
  /** The tables whose sealed values this ring opens. */
  readonly tables: readonly AnyTable[]
}

/** Finishes rotations, whoever began them. */
export interface Rewrapper {
  /**
   * Moves values to the current key when there are any under an older one, and costs nothing otherwise. To be called again
   * and again, in any number of processes. A rotation is over once a pass that began a minute after this process saw the
   * key finds nothing to move; from then on no process looks any more until the next rotation.
   */
  run(signal?: AbortSignal): Promise<void>
}

/** Makes the rewrapper of one ring in one process. */
export function createRewrapper<Ring>(options: RewrapperOptions<Ring>): Rewrapper {
  const { db, clock, log, kind, ring, proof, tables } = options
  const keys = kind.sealing(ring)
  let settled: string | undefined
  let seen: { id: string; at: number } | undefined

  const pass = async (key: string, signal: AbortSignal | undefined): Promise<number> => {
    await proveKeyRing(kind, ring, { db, clock, name: proof })
    const { moved, refused } = await rewrapValues({ db, tables, keys, signal })
    if (moved > 0) log.info({ moved, key }, 'Sealed values were moved to the current key.')
    if (refused.length > 0) {
      const facts = { count: refused.length, places: refused.slice(0, 10).join('; ') }
      log.error(facts, 'Sealed values do not open; restore their rows from a backup.')
    }
    return moved
  }
  return {
    async run(signal) {
      const { id } = keys.current
      if (keys.byId.size === 1 || settled === id) return
      const now = clock.now().getTime()
      const isFirstPass = seen?.id !== id
      if (isFirstPass && (await readState(db, SETTLED[proof])) === id) {
        settled = id
        return
      }
      if (seen?.id !== id) seen = { id, at: now }
      const isLate = now - seen.at >= STRAGGLERS_MS
      if (!isFirstPass && !isLate) return
      const moved = await pass(id, signal)
      if (moved > 0 || !isLate || keys.current.id !== id) return
      await db.withSystem((tx) => writeState(tx, SETTLED[proof], { value: id, clock }))
      settled = id
      log.info({ key: id }, 'Everything is sealed with the current key.')
    },
  }
}
