import type { Clock } from '../platform/clock.ts'
import type { KeyRing } from '../platform/crypto/key-ring.ts'
import { sealedKeyId } from '../platform/crypto/sealed-key-id.ts'
import { serverKeyRing } from '../platform/crypto/server-key-ring.ts'
import type { AnyTable, Db } from '../platform/db/index.ts'
import { type CountsByKey, countByKeyMeanwhile, DAMAGED } from '../platform/db/sealed/count-by-key.ts'
import { SECOND } from '../platform/durations.ts'
import { readState } from '../platform/state/state.ts'

const COUNTED_FOR_MS = 10 * SECOND
const VAULT_PURPOSE = 'credential_encryption'

/** The key of one purpose that makes new things now. */
export interface KeyFigures {
  readonly purpose: string
  readonly key_id: string
  readonly created_at: Date | null
  readonly is_rotating: boolean
  readonly left_to_rewrap: number
}

export interface KeyFiguresOptions {
  readonly db: Db
  readonly clock: Clock
  readonly keys: KeyRing
  /** Whose keys open the sealed values of which tables. */
  readonly sealedTables: { readonly server: readonly AnyTable[]; readonly vault: readonly AnyTable[] }
}

const asTheFileSpells = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** Counts the sealed values of some tables, at most once in ten seconds however many ask. */
function rememberedCounts({ db, clock }: KeyFiguresOptions, tables: readonly AnyTable[]) {
  let last: { readonly at: number; readonly counts: Promise<CountsByKey> } | undefined
  return (): Promise<CountsByKey> => {
    const now = clock.now().getTime()
    if (last && Math.abs(now - last.at) < COUNTED_FOR_MS) return last.counts
    const counted = { at: now, counts: countByKeyMeanwhile(db, tables) }
    last = counted
    counted.counts.catch(() => {
      if (last === counted) last = undefined
    })
    return counted.counts
  }
}

function leftIn(counts: CountsByKey, current: string, isOurs: (id: string) => boolean): number {
  return [...counts].reduce((sum, [id, count]) => (id !== current && isOurs(id) ? sum + count : sum), 0)
}

/**
 * Says of every purpose which key makes new things and how much is still sealed with older ones. Of the vault's ring, which
 * the server never reads, it knows what the database says: which key seals, not since when.
 */
export function createKeyFigures(options: KeyFiguresOptions): () => Promise<readonly KeyFigures[]> {
  const { db, keys, sealedTables } = options
  const countServer = rememberedCounts(options, sealedTables.server)
  const countVault = rememberedCounts(options, sealedTables.vault)

  const leftOfServer = async (): Promise<number> => {
    const { current, byId } = serverKeyRing.sealing(keys)
    if (byId.size === 1 || (await readState(db, 'keys_settled')) === current.id) return 0
    return leftIn(await countServer(), current.id, (id) => byId.has(id))
  }
  const ofServer = async (): Promise<KeyFigures[]> => {
    const left = await leftOfServer()
    const sets = Object.entries(serverKeyRing.sets(keys))
    return sets.map(([name, { current }]) => {
      const purpose = asTheFileSpells(name)
      const left_to_rewrap = purpose === serverKeyRing.sealingPurpose ? left : 0
      const created_at = current.createdAt === undefined ? null : new Date(current.createdAt)
      return { purpose, key_id: current.id, created_at, is_rotating: left_to_rewrap > 0, left_to_rewrap }
    })
  }
  const ofVault = async (): Promise<KeyFigures[]> => {
    const canary = await readState(db, 'vault_key_check')
    if (canary === undefined) return []
    const key_id = sealedKeyId(Buffer.from(canary, 'base64'))
    const isSettled = (await readState(db, 'vault_keys_settled')) === key_id
    const left = isSettled ? 0 : leftIn(await countVault(), key_id, (id) => id !== DAMAGED)
    const purpose = VAULT_PURPOSE
    return [{ purpose, key_id, created_at: null, is_rotating: left > 0, left_to_rewrap: left }]
  }
  return async () => (await Promise.all([ofServer(), ofVault()])).flat()
}
