import { describe, expect, it } from 'vitest'
import { systemClock } from './platform/clock.ts'
import { writeState } from './platform/state/state.ts'
import { commandInstance } from './testing/run-command.ts'
import { withDatabaseOf } from './testing/seed-members.ts'

describe('a clock that was set back', () => {
  it('R8: keeps the server from starting, with one plain sentence', async () => {
    const instance = await commandInstance('sqlite')
    expect((await instance.run(['migrate'])).code).toBe(0)
    const seen = new Date(Date.now() + 3_600_000).toISOString()
    await withDatabaseOf(instance, (db) =>
      db.withSystem((tx) => writeState(tx, 'clock_high_water', { value: seen, clock: systemClock })),
    )
    const { code, err } = await instance.spawn(['serve'])
    expect(code).toBe(1)
    expect(err).toMatch(
      /^The clock of this machine is (59|60) minutes behind what the database has seen; set it/,
    )
  })
})
