import { expect, it } from 'vitest'
import { fixedClock } from '../../testing/fixed-clock.ts'
import { forEachDatabase } from '../../testing/for-each-database.ts'
import { testKeys } from '../../testing/test-keys.ts'
import { createSql } from '../db/index.ts'
import { createSharedRateLimits } from './shared-rate-limits.ts'
import { rateWindows } from './throttle.table.ts'

const digestKeys = testKeys()
const sql = createSql(rateWindows)
const allWindows = sql.read(() => sql.from('rate_windows').selectAll())
const deleteWindows = sql.write(() => sql.builder.deleteFrom('rate_windows'))
const rule = { max: 2, windowMs: 60_000 }

forEachDatabase('a shared rate limit', { tables: [rateWindows] }, (on) => {
  it('that is used up refuses without a write until its window ends, and then counts afresh', async () => {
    const clock = fixedClock()
    const limits = createSharedRateLimits({ db: on.db, clock, digestKeys })
    for (let i = 0; i < 3; i++) await limits.take('203.0.113.7', rule)
    await on.db.withSystem((tx) => deleteWindows.run(tx, {}))
    clock.advance(59_999)
    expect(await limits.take('203.0.113.7', rule)).toEqual({ allowed: false, remaining: 0, resetMs: 1 })
    expect(await allWindows.all(on.db.asSystem(), {})).toEqual([])
    clock.advance(1)
    expect(await limits.take('203.0.113.7', rule)).toMatchObject({ allowed: true, remaining: 1 })
    expect(await allWindows.all(on.db.asSystem(), {})).toMatchObject([{ hits: 1 }])
  })
})
