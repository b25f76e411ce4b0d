import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StandIn, startStandIn } from '../index.ts'
import { decimal, formatDecimal, sum } from '../market/decimal.ts'
import { createClient } from '../testing/client.ts'
import { Position } from '../testing/schemas.ts'

let standIn: StandIn
beforeAll(async () => {
  standIn = await startStandIn()
})
afterAll(() => standIn.dispose())

const KEYS = Array.from({ length: 24 }, (_, at) => `PKFAKE${at}`)
const total = (amounts: string[]) => sum(amounts.map(decimal))

describe('accounts', () => {
  it('differ by key and by environment, and are the same after a restart', async () => {
    const again = await startStandIn()
    const otherSeed = await startStandIn({ seed: 'other' })
    const [one, two, live] = await Promise.all([
      createClient(standIn, { keyId: 'PKFAKE1' }).account(),
      createClient(standIn, { keyId: 'PKFAKE2' }).account(),
      createClient(standIn, { keyId: 'AKFAKE1', environment: 'live' }).account(),
    ])
    expect(new Set([one.id, two.id, live.id]).size).toBe(3)
    expect(new Set([one.equity, two.equity, live.equity]).size).toBe(3)
    expect(await createClient(again, { keyId: 'PKFAKE1' }).account()).toEqual(one)
    expect((await createClient(otherSeed, { keyId: 'PKFAKE1' }).account()).equity).not.toBe(one.equity)
    await Promise.all([again.dispose(), otherSeed.dispose()])
  })

  it('add up: equity is cash and positions, and its change since the close is theirs', async () => {
    for (const keyId of KEYS) {
      const client = createClient(standIn, { keyId })
      const [account, positions] = await Promise.all([client.account(), client.positions()])
      expect(positions.length).toBeGreaterThan(0)
      const values = total(positions.map((position) => position.market_value))
      expect(formatDecimal(decimal(account.cash) + values)).toBe(account.equity)
      const today = total(positions.map((position) => position.unrealized_intraday_pl))
      expect(formatDecimal(decimal(account.equity) - decimal(account.last_equity))).toBe(formatDecimal(today))
      expect(account.portfolio_value).toBe(account.equity)
    }
  })

  it('have positions that agree with their own figures and with the orders that made them', async () => {
    const client = createClient(standIn, { keyId: 'PKFAKE3' })
    const orders = await client.orders('status=closed&limit=500')
    for (const position of await client.positions()) {
      const gain = decimal(position.market_value) - decimal(position.cost_basis)
      expect(formatDecimal(gain)).toBe(position.unrealized_pl)
      const filled = orders.filter(
        ({ asset_id, status }) => asset_id === position.asset_id && status === 'filled',
      )
      const signed = filled.map(({ side, filled_qty }) => (side === 'sell' ? `-${filled_qty}` : filled_qty))
      expect(formatDecimal(total(signed))).toBe(position.qty)
      expect(await client.position(position.symbol)).toEqual(position)
      expect(await client.get(`/v2/positions/${position.asset_id}`, Position)).toEqual(position)
    }
  })

  it('have buying power by the rule of their multiplier', async () => {
    const seen = new Set<string>()
    for (const keyId of KEYS) {
      const account = await createClient(standIn, { keyId }).account()
      seen.add(account.multiplier)
      const margin = (decimal(account.equity) - decimal(account.initial_margin)) * 2n
      expect(account.buying_power).toBe(account.multiplier === '1' ? account.cash : formatDecimal(margin))
    }
    expect([...seen].toSorted()).toEqual(['1', '2'])
    standIn.controls.account({ environment: 'paper', keyId: 'PKFAKE1', standing: 'pattern_day_trader' })
    const trader = await createClient(standIn, { keyId: 'PKFAKE1' }).account()
    expect(trader).toMatchObject({ multiplier: '4', pattern_day_trader: true, daytrade_count: 4 })
    const base = decimal(trader.last_equity) - decimal(trader.last_maintenance_margin)
    expect(trader.buying_power).toBe(formatDecimal(base * 4n))
    expect(trader.daytrading_buying_power).toBe(trader.buying_power)
  })

  it('say how they stand, and are in good order again', async () => {
    const key = { environment: 'paper', keyId: 'PKFAKESTANDING' } as const
    const client = createClient(standIn, key)
    const before = await client.account()
    const expected = {
      blocked: { account_blocked: true, trading_blocked: true, transfers_blocked: true },
      trading_blocked: { trading_blocked: true, account_blocked: false },
      suspended: { trade_suspended_by_user: true, trading_blocked: false },
      cash: { multiplier: '1', shorting_enabled: false },
      onboarding: { status: 'ONBOARDING' },
      rejected: { status: 'REJECTED' },
    }
    for (const [standing, fields] of Object.entries(expected)) {
      standIn.controls.account({ ...key, standing })
      expect(await client.account()).toMatchObject(fields)
    }
    standIn.controls.account({ ...key, standing: 'ok' })
    expect(await client.account()).toEqual(before)
  })

  it('answer 404 for a position that is not there', async () => {
    const client = createClient(standIn, { keyId: 'PKFAKE1' })
    expect(await client.refused('GET', '/v2/positions/NOSUCH')).toMatchObject({ status: 404, code: 40410000 })
  })
})
