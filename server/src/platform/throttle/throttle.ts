import { createHmac, type KeyObject } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { lengthPrefixed } from '../crypto/length-prefixed.ts'
import { createSql, type Db, type Tx, updateRow } from '../db/index.ts'
import { throttleCounters } from './throttle.table.ts'
import { decideTry, type ThrottlePolicy } from './throttle-policy.ts'

/** Slows down guessing, across processes and restarts. */
export interface Throttle {
  /**
   * Whether a try at `subject` may go on. It is counted as a failure first, atomically: of parallel tries no more than
   * the policy allows get through. Call `clear` when it turns out right.
   */
  take(policy: ThrottlePolicy, subject: string): Promise<boolean>
  /** Forgets a subject's failures, in the transaction of what proved it. */
  clear(tx: Tx, policy: ThrottlePolicy, subject: string): Promise<void>
  /** Forgets counts that were not touched since `before` and no longer matter; says how many. */
  prune(before: Date): Promise<number>
}

const sql = createSql(throttleCounters)
const update = updateRow(sql, throttleCounters)

// Note: the update part changes nothing, but locks the row until the transaction ends.
const lock = sql.write((p: { key: Uint8Array; scope: string; now: Date }) =>
  sql.builder
    .insertInto('throttle_counters')
    .values({ key: p.key, scope: p.scope, window_started_at: p.now, updated_at: p.now })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ updated_at: p.now }))
    .returningAll(),
)

const remove = sql.write((p: { key: Uint8Array }) =>
  sql.builder.deleteFrom('throttle_counters').where('key', '=', p.key),
)

const removeOld = sql.write((p: { before: Date; below: number }) =>
  sql.builder
    .deleteFrom('throttle_counters')
    .where('updated_at', '<', p.before)
    .where('consecutive_failures', '<', p.below),
)

const WORTH_KEEPING = 5 // fewer consecutive failures than this have no effect a day later

/** Opens the throttle; `key` is the ring's digest key, so that the table does not tell whom people tried to be. */
export function createThrottle({ db, clock, key }: { db: Db; clock: Clock; key: KeyObject }): Throttle {
  const digest = ({ scope }: ThrottlePolicy, subject: string): Uint8Array =>
    new Uint8Array(
      createHmac('sha256', key)
        .update(lengthPrefixed(['throttle', scope, subject]))
        .digest(),
    )

  return {
    take(policy, subject) {
      const counterKey = digest(policy, subject)
      return db.withSystem(async (tx) => {
        const now = clock.now()
        const row = await lock.first(tx, { key: counterKey, scope: policy.scope, now })
        if (!row) throw new Error('The throttle counter was not written.')
        const decision = decideTry(
          policy,
          {
            consecutiveFailures: row.consecutive_failures,
            windowStartedAt: row.window_started_at,
            windowFailures: row.window_failures,
            notBefore: row.not_before,
          },
          now,
        )
        if (!decision.isAllowed) return false
        const { consecutiveFailures, windowStartedAt, windowFailures, notBefore } = decision.next
        await update(
          tx,
          { key: counterKey },
          {
            consecutive_failures: consecutiveFailures,
            window_started_at: windowStartedAt,
            window_failures: windowFailures,
            not_before: notBefore,
          },
        )
        return true
      })
    },
    async clear(tx, policy, subject) {
      await remove.run(tx, { key: digest(policy, subject) })
    },
    prune: (before) => db.withSystem((tx) => removeOld.run(tx, { before, below: WORTH_KEEPING })),
  }
}
