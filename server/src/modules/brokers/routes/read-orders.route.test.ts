import { expect, it } from 'vitest'
import { brokerReading, impatient, testClosedRead } from '../../../testing/broker-reads.ts'
import { forEachVaultApp } from '../../../testing/factories-vault.ts'

interface SeenOrder {
  readonly id: string
  readonly status: string
  readonly submitted_at: string
}

forEachVaultApp('GET /orders', { brokerTiming: impatient }, (on) => {
  testClosedRead(on, 'orders')
  const { withKey, read, calls } = brokerReading(on)

  it.each(['&limit=0', '&limit=501', '&limit=many', '&status=none', '&limit=1.5'])(
    'refuses %s without asking the broker',
    async (more) => {
      const key = await withKey()
      const before = calls()
      const { status, body } = await read('orders', key, more)
      expect(status).toBe(422)
      expect(JSON.stringify(body.errors)).toMatch(/query\.(limit|status)/)
      expect(calls()).toBe(before)
    },
  )

  it('reads the open ones unless told otherwise, the latest first', async () => {
    const key = await withKey()
    const ordersOf = async (more: string) => {
      const { status, body } = await read('orders', key, more)
      expect([status, body.credential_id, body.as_of]).toEqual([
        200,
        key.id,
        on.app.clock.now().toISOString(),
      ])
      const orders = body.orders as SeenOrder[]
      expect(body.total_count).toBe(orders.length)
      return orders
    }
    const [open, closed, all] = [
      await ordersOf(''),
      await ordersOf('&status=closed'),
      await ordersOf('&status=all&limit=500'),
    ]
    expect(open.length).toBeGreaterThan(0)
    expect(open).toEqual(await ordersOf('&status=open'))
    expect(open.every(({ status }) => ['new', 'accepted', 'pending_new', 'held'].includes(status))).toBe(true)
    expect(closed.some(({ status }) => status === 'filled')).toBe(true)
    expect(all).toHaveLength(open.length + closed.length)
    const times = all.map(({ submitted_at }) => submitted_at)
    expect(times).toEqual(times.toSorted().toReversed())
    expect(await ordersOf('&status=all&limit=1')).toEqual(all.slice(0, 1))
  })

  it('reads an order of tomorrow, with legs and without figures', async () => {
    const key = await withKey()
    const leg = { id: 'leg', status: 'held', qty: '0.50', ratio_qty: '1' }
    const sent = {
      id: 'whole',
      status: 'teleported',
      limit_price: '-1.10',
      qty: null,
      legs: [leg],
      mood: 'new',
    }
    on.broker.controls.fault({
      ...{ kind: 'answer', keyId: key.keyId, times: 1 },
      answer: { status: 200, body: JSON.stringify([sent]) },
    })
    const { status, body } = await read('orders', key)
    expect(status).toBe(200)
    expect(body.orders).toMatchObject([
      {
        id: 'whole',
        status: 'teleported',
        limit_price: '-1.10',
        qty: null,
        legs: [{ id: 'leg', qty: '0.50' }],
      },
    ])
    expect(JSON.stringify(body)).not.toContain('mood')
  })
})
