import { createBatchLoader } from '../../../platform/batch-loader.ts'
import type { Db, Tx } from '../../../platform/db/index.ts'
import { RecentMemory } from '../../../platform/signals/recent-memory.ts'
import type { Signals } from '../../../platform/signals/signals.ts'
import { findSignedInUsers, type SignedInRow } from './session.store.ts'

const TOPIC = 'accounts.user'
const MAX_AGE_MS = 5_000 // C32: the longest that a revocation may take where nothing sensitive is reached
const MAX_ENTRIES = 10_000
const MOST_AT_ONCE = 100 // half a megabyte of rows, were each as long as it may be

/** Which session, and whose it must be. */
export interface SessionOf {
  readonly sessionId: string
  readonly userId: string
}

/** Members with the session they act in: read once per request, or remembered while every node tells of changes. */
export interface SignedInUsers {
  /**
   * The two as they are; not older than 5 s, and not remembered at all when `mustBeCurrent`. A promise only when they are
   * read.
   */
  find(at: SessionOf, mustBeCurrent: boolean): SignedInRow | undefined | Promise<SignedInRow | undefined>
  /** To be called in every transaction that changes a member or ends a session: it binds the next request (C48). */
  changed(tx: Tx, userId: string): void
  /** Calls `react` with each member of whom that is said, here or on another node. Some may be missed. */
  onChanged(react: (userId: string) => void): void
}

export function createSignedInUsers({ db, signals }: { db: Db; signals: Signals }): SignedInUsers {
  const groupOf = ({ id }: SignedInRow) => id
  const recent = new RecentMemory({ maxAgeMs: MAX_AGE_MS, maxEntries: MAX_ENTRIES, groupOf })
  signals.subscribe(TOPIC, (userId) => (userId === undefined ? recent.forgetAll() : recent.forget(userId)))
  const read = createBatchLoader((sessionIds) => findSignedInUsers(db.asSystem(), sessionIds), MOST_AT_ONCE)
  const owned = (row: SignedInRow | undefined, { userId }: SessionOf) =>
    row?.id === userId ? row : undefined
  return {
    find(at, mustBeCurrent) {
      const { sessionId } = at
      const isTrusted = !mustBeCurrent && signals.isLive
      const known = isTrusted ? recent.get(sessionId) : undefined
      if (known !== undefined) return owned(known, at)
      const found = isTrusted ? recent.load(sessionId, () => read(sessionId)) : read(sessionId)
      return found.then((row) => owned(row, at))
    },
    changed(tx, userId) {
      tx.afterCommit(() => signals.publish(TOPIC, userId))
    },
    onChanged(react) {
      signals.subscribe(TOPIC, (userId) => {
        if (userId !== undefined) react(userId)
      })
    },
  }
}
