import { afterAll, beforeAll, expect, it } from 'vitest'
import { type StandIn, startStandIn } from '../index.ts'
import { type Client, createClient } from '../testing/client.ts'
import { Calendar, Clock } from '../testing/schemas.ts'

let standIn: StandIn
let client: Client
beforeAll(async () => {
  standIn = await startStandIn()
  client = createClient(standIn, { keyId: 'PKFAKECLOCK' })
})
afterAll(() => standIn.dispose())

it('tells the stand-in own time, with New York offset', async () => {
  expect(await client.get('/v2/clock', Clock)).toEqual({
    timestamp: '2026-06-15T10:30:00-04:00',
    is_open: true,
    next_open: '2026-06-16T09:30:00-04:00',
    next_close: '2026-06-15T16:00:00-04:00',
  })
  standIn.controls.clock({ now: '2026-12-12T12:00:00Z' })
  expect(await client.get('/v2/clock', Clock)).toMatchObject({
    timestamp: '2026-12-12T07:00:00-05:00',
    is_open: false,
    next_open: '2026-12-14T09:30:00-05:00',
  })
})

it('lists the weekdays of a range as trading days', async () => {
  const days = await client.get('/v2/calendar?start=2026-06-12&end=2026-06-16', Calendar)
  expect(days.map(({ date }) => date)).toEqual(['2026-06-12', '2026-06-15', '2026-06-16'])
  expect((await client.get('/v2/calendar', Calendar)).length).toBeGreaterThan(259)
})

it.each(['start=12.06.2026', 'start=2026-06-12&end=2026-06-01', 'start=1900-01-01&end=2026-01-01'])(
  'refuses %s',
  async (query) => {
    expect(await client.refused('GET', `/v2/calendar?${query}`)).toMatchObject({ status: 422 })
  },
)
