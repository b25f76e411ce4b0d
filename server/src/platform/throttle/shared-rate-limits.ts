import type { Clock } from '../clock.ts'
import type { KeySet, SecretKey } from '../crypto/key-ring.ts'
import type { Db } from '../db/index.ts'
import type { RateLimitState, RateLimitStore } from '../http/rate-limit.ts'
import { createSubjectDigest } from './subject-digest.ts'
import { hitWindow } from './throttle.store.ts'

/** What shared limits are counted with. */
const MAX_REMEMBERED = 10_000 // about 2 MB

export interface SharedRateLimitOptions {
  readonly db: Db
  readonly clock: Clock
  /** The ring's digest keys. */
  readonly digestKeys: KeySet<SecretKey>
}

/**
 * Rate limits that all processes share and that survive a restart (C10, C12): one statement counts a request, so of
 * parallel requests at the limit exactly `max` pass, on however many nodes. Each costs a commit, for the routes that
 * guard secrets; what is refused once is refused from memory until its window ends, so a flood costs no commits.
 */
export function createSharedRateLimits({ db, clock, digestKeys }: SharedRateLimitOptions): RateLimitStore {
  const digest = createSubjectDigest(digestKeys)
  const usedUp = new Map<string, Date>() // a window only fills, so a refusal holds until the window ends

  const refusalOf = (key: string, now: Date): RateLimitState | undefined => {
    const endsAt = usedUp.get(key)
    if (endsAt === undefined) return undefined
    if (endsAt > now) return { allowed: false, remaining: 0, resetMs: endsAt.getTime() - now.getTime() }
    usedUp.delete(key)
    return undefined
  }
  const remember = (key: string, endsAt: Date): void => {
    usedUp.set(key, endsAt)
    const oldest = usedUp.size > MAX_REMEMBERED ? usedUp.keys().next().value : undefined
    if (oldest !== undefined) usedUp.delete(oldest)
  }
  const count = async (key: string, { max, windowMs }: { max: number; windowMs: number }) => {
    const now = clock.now()
    const args = {
      subject: digest('rate', key),
      now,
      ends_at: new Date(now.getTime() + windowMs),
      most: max + 1, // hits beyond the limit need no counting
    }
    const window = await db.withSystem((tx) => hitWindow.first(tx, args))
    if (!window) throw new Error('A rate limit gave no answer.')
    const allowed = window.hits <= max
    if (!allowed) remember(key, window.ends_at)
    return {
      allowed,
      remaining: Math.max(0, max - window.hits),
      resetMs: Math.max(0, window.ends_at.getTime() - now.getTime()),
    }
  }
  return { take: (key, rule) => refusalOf(key, clock.now()) ?? count(key, rule) }
}
