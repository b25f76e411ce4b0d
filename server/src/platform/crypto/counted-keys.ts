import { AsyncLocalStorage } from 'node:async_hooks'
import type { KeySet, SecretKey } from './key-ring.ts'

/** How often one key may be used with random nonces of 96 bits (NIST SP 800-38D, section 8.3). */
export const USES_MAX: number = 2 ** 32

const FIRST_BLOCK = 4_096
const LARGEST_BLOCK = 2 ** 20

/** The key was used as often as it may, or could not be asked for in time. */
export class SpentKeyError extends Error {
  override readonly name = 'SpentKeyError'
  constructor(keyId: string) {
    super(`The key ${keyId} may not seal any more, because it has sealed so much; run outcry keys rotate.`)
  }
}

/** Counts uses of a key for all processes before any of them is made; whether it may be used so often. */
export type ReserveUses = (keyId: string, uses: number) => Promise<boolean>

/** Keys that seal as often as was reserved, and no more. */
export interface CountedKeySet extends KeySet<SecretKey> {
  /** Counts one use; throws `SpentKeyError` when none is left. */
  readonly count: (key: SecretKey) => void
  /** Resolves once uses of the current key are reserved, or refused for good. Rejects when they cannot be asked for. */
  readonly ready: () => Promise<void>
}

/**
 * Counts what each key seals, ahead and in blocks, so that a seal costs no write and a process that dies has counted more
 * than it used, never less. The next block is asked for when half of one is left. Blocks grow: a process that seals little
 * wastes little. A key that was just added becomes current as soon as uses of it are reserved.
 */
export function countUses(keys: KeySet<SecretKey>, reserve: ReserveUses): CountedKeySet {
  const inOwnContext = AsyncLocalStorage.snapshot() // a seal comes from within a transaction
  const left = new Map<string, number>()
  const spent = new Set<string>()
  let block = FIRST_BLOCK
  let sealing = keys.current
  let asking: Promise<void> | undefined

  const ask = async (keyId: string) => {
    const uses = block
    if (!(await reserve(keyId, uses))) {
      spent.add(keyId)
      return
    }
    left.set(keyId, (left.get(keyId) ?? 0) + uses)
    block = Math.min(2 * uses, LARGEST_BLOCK)
  }
  const askOnce = (keyId: string): Promise<void> => {
    asking ??= inOwnContext(ask, keyId).finally(() => {
      asking = undefined
    })
    return asking
  }
  const askSoon = (keyId: string) => {
    if (spent.has(keyId)) return
    askOnce(keyId).catch(() => undefined) // the next use asks again
  }
  return {
    byId: keys.byId,
    get current() {
      const newest = keys.current
      if (newest.id === sealing.id || left.has(newest.id)) sealing = newest
      else askSoon(newest.id)
      return sealing
    },
    count({ id }) {
      const rest = (left.get(id) ?? 0) - 1
      if (rest < block / 4) askSoon(id)
      if (rest < 0) throw new SpentKeyError(id)
      left.set(id, rest)
    },
    async ready() {
      const { id } = keys.current
      while (!left.has(id) && !spent.has(id)) await askOnce(id)
    },
  }
}
