import { expect, it } from 'vitest'
import { brokerReading, impatient, testClosedRead } from '../../../testing/broker-reads.ts'
import { forEachVaultApp } from '../../../testing/factories-vault.ts'

const held = (symbol: string, change: object = {}) => ({
  ...{ asset_id: symbol, symbol, exchange: '', asset_class: 'us_option', side: 'short', qty: '-0.000000001' },
  ...{ qty_available: null, avg_entry_price: '0.10', current_price: '123456789012345678.90', ...change },
})

forEachVaultApp('GET /positions', { brokerTiming: impatient }, (on) => {
  testClosedRead(on, 'positions')
  const { withKey, read } = brokerReading(on)

  it('reads what is held, figure by figure as the broker has it', async () => {
    const key = await withKey()
    const { status, body } = await read('positions', key)
    expect(status).toBe(200)
    const sent = await fetch(`${on.broker.paper.url}/v2/positions`, {
      headers: { 'apca-api-key-id': key.keyId, 'apca-api-secret-key': key.secret },
    })
    const positions = (await sent.json()) as Record<string, unknown>[]
    expect(positions.length).toBeGreaterThan(1)
    const known = positions.map(({ asset_marginable: _unused, ...position }) => position)
    const as_of = on.app.clock.now().toISOString()
    expect(body).toEqual({ positions: known, total_count: known.length, credential_id: key.id, as_of })
  })

  it('reads five hundred positions of every class, long and short, with figures no number could hold', async () => {
    const key = await withKey()
    const classes = ['us_equity', 'us_option', 'crypto', 'something_new']
    const positions = Array.from({ length: 500 }, (_, n) =>
      held(`S${n}`, { asset_class: classes[n % 4], qty: `${n}.100000000000000000001` }),
    )
    on.broker.controls.fault({
      ...{ kind: 'answer', route: '/v2/positions', keyId: key.keyId, times: 1 },
      answer: { status: 200, body: JSON.stringify(positions) },
    })
    const { status, body } = await read('positions', key)
    expect([status, body.total_count]).toEqual([200, 500])
    expect(body.positions).toMatchObject(positions)
  })

  it('has an empty list of an account that holds nothing', async () => {
    const key = await withKey()
    on.broker.controls.fault({
      ...{ kind: 'answer', keyId: key.keyId, times: 1 },
      answer: { status: 200, body: '[]' },
    })
    expect((await read('positions', key)).body).toMatchObject({ positions: [], total_count: 0 })
  })
})
