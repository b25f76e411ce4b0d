import type { Clock } from '../clock.ts'
import type { KeySet, SecretKey } from '../crypto/key-ring.ts'
import type { Db } from '../db/index.ts'
import type { RateLimitStore } from '../http/rate-limit.ts'
import { createSubjectDigest } from './subject-digest.ts'
import { hitWindow } from './throttle.store.ts'

/** What shared limits are counted with. */
export interface SharedRateLimitOptions {
  readonly db: Db
  readonly clock: Clock
  /** The ring's digest keys. */
  readonly digestKeys: KeySet<SecretKey>
}

/**
 * Rate limits that all processes share and that survive a restart (C10, C12): one statement counts a request, so of
 * parallel requests at the limit exactly `max` pass, on however many nodes. Each costs a commit: for the routes that guard
 * secrets, behind a limit in memory.
 */
export function createSharedRateLimits({ db, clock, digestKeys }: SharedRateLimitOptions): RateLimitStore {
  const digest = createSubjectDigest(digestKeys)
  return {
    async take(key, { max, windowMs }) {
      const now = clock.now()
      const args = {
        subject: digest('rate', key),
        now,
        ends_at: new Date(now.getTime() + windowMs),
        most: max + 1, // hits beyond the limit need no counting
      }
      const window = await db.withSystem((tx) => hitWindow.first(tx, args))
      if (!window) throw new Error('A rate limit gave no answer.')
      return {
        allowed: window.hits <= max,
        remaining: Math.max(0, max - window.hits),
        resetMs: Math.max(0, window.ends_at.getTime() - now.getTime()),
      }
    },
  }
}
