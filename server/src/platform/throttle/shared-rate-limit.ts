import { createHmac, type KeyObject } from 'node:crypto'
import { sql as raw } from 'kysely'
import type { Clock } from '../clock.ts'
import { createSql, type Db, integer, timestamptz, value } from '../db/index.ts'
import type { RateLimitStore } from '../http/rate-limit.ts'
import { rateWindows } from './throttle.table.ts'

const sql = createSql(rateWindows)

// One statement, so that of parallel requests at the limit exactly `max` are let through, whichever node they reach.
const take = sql.write((p: { key: Uint8Array; now: Date; endsAt: Date }) => {
  const isOver = raw`${raw.ref('rate_windows.ends_at')} <= ${value(timestamptz(), p.now)}`
  return sql.builder
    .insertInto('rate_windows')
    .values({ key: p.key, requests: 1, ends_at: p.endsAt })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({
        requests: raw<number>`case when ${isOver} then 1 else ${raw.ref('rate_windows.requests')} + ${value(integer(), 1)} end`,
        ends_at: raw<Date>`case when ${isOver} then ${value(timestamptz(), p.endsAt)} else ${raw.ref('rate_windows.ends_at')} end`,
      }),
    )
    .returning(['requests', 'ends_at'])
})

const removeOld = sql.write((p: { now: Date }) =>
  sql.builder.deleteFrom('rate_windows').where('ends_at', '<=', p.now),
)

/** Counts requests in the database, for the limits that all nodes share (C12). Keys are stored as keyed digests. */
export function createSharedRateLimit({
  db,
  clock,
  key,
}: {
  db: Db
  clock: Clock
  key: KeyObject
}): RateLimitStore & {
  /** Forgets windows that are over; says how many. */
  prune(): Promise<number>
} {
  return {
    async take(subject, { max, windowMs }) {
      const now = clock.now()
      const digest = new Uint8Array(createHmac('sha256', key).update(`rate\0${subject}`).digest())
      const endsAt = new Date(now.getTime() + windowMs)
      const row = await db.withSystem((tx) => take.first(tx, { key: digest, now, endsAt }))
      if (!row) throw new Error('The rate window was not written.')
      return {
        allowed: row.requests <= max,
        remaining: Math.max(0, max - row.requests),
        resetMs: row.ends_at.getTime() - now.getTime(),
      }
    },
    prune: () => db.withSystem((tx) => removeOld.run(tx, { now: clock.now() })),
  }
}
