import assert from 'node:assert/strict'
import type { BrokerAdapter, BrokerRead } from './adapter.ts'

/** Does a read at a broker, or a stand-in for one, as the holder of an account that has traded. Throws unless it is read. */
export type DoRead = <T>(read: BrokerRead<T>) => Promise<T>

/** What an adapter must do; rejects with an assertion's error when it does not. */
export interface Demand {
  readonly says: string
  holds(adapter: BrokerAdapter, doRead: DoRead): Promise<void>
}

const FIGURE = /^-?\d+(\.\d+)?$/

function assertFigures(values: Iterable<unknown>): void {
  for (const value of values) if (value !== null) assert.match(String(value), FIGURE)
}

function readsOf(adapter: BrokerAdapter): BrokerRead<unknown>[] {
  const curve = adapter.history({ period: '1M', timeframe: '1D' })
  return [adapter.account(), adapter.positions(), adapter.orders({ limit: 1 }), curve, adapter.clock()]
}

/** Held to by every adapter: the suite of the port. */
export const conformance: readonly Demand[] = [
  {
    says: 'has reads that are paths of one host, and reads nothing out of garbage',
    async holds(adapter) {
      for (const { path, query, purpose, parse } of readsOf(adapter)) {
        assert.match(path, /^\/(?!\/)[\w/-]+$/)
        assert.match(query, /^(\?[\w=&%.+-]+)?$/)
        assert.match(purpose, /^[a-z]+$/)
        const garbage = ['', '{', 'null', '7', '""', '[null]', '<html></html>', '{"message":"no"}', '\u0000']
        for (const text of garbage) assert.equal(parse(text), undefined)
      }
    },
  },
  {
    says: 'reads an account',
    async holds(adapter, doRead) {
      const { balance, equity, buying_power, currency, daytrade_count } = await doRead(adapter.account())
      assertFigures([balance, equity, buying_power])
      assert.match(currency, /^[A-Z]{3,5}$/)
      assert.ok(Number.isInteger(daytrade_count))
    },
  },
  {
    says: 'reads positions with exact figures',
    async holds(adapter, doRead) {
      const positions = await doRead(adapter.positions())
      assert.ok(positions.length > 0)
      for (const { asset_id, exchange, symbol, asset_class, side, ...figures } of positions) {
        assert.ok(asset_id && symbol && asset_class && ['long', 'short'].includes(side))
        assert.equal(typeof exchange, 'string')
        assertFigures(Object.values(figures))
      }
    },
  },
  {
    says: 'reads as many orders as are wanted, the latest first, and walks back from any of them',
    async holds(adapter, doRead) {
      const all = await doRead(adapter.orders({ status: 'all', limit: 500 }))
      assert.ok(all.length > 2)
      const times = all.map(({ submitted_at }) => String(submitted_at))
      assert.deepEqual(times, times.toSorted().toReversed())
      const [first, second] = await doRead(adapter.orders({ status: 'all', limit: 2 }))
      assert.deepEqual([first, second], all.slice(0, 2))
      const older = await doRead(adapter.orders({ status: 'all', limit: 500, before: second?.id }))
      assert.deepEqual(older, all.slice(2))
    },
  },
  {
    says: 'tells open orders from closed ones',
    async holds(adapter, doRead) {
      const [open, closed, all] = await Promise.all(
        (['open', 'closed', 'all'] as const).map((status) => doRead(adapter.orders({ status, limit: 500 }))),
      )
      const ids = (orders: typeof all) => (orders ?? []).map(({ id }) => id).toSorted()
      assert.deepEqual([...ids(open), ...ids(closed)].toSorted(), ids(all))
      for (const order of all ?? []) assertFigures([order.qty, order.filled_qty, order.limit_price])
    },
  },
  {
    says: 'finds no order of a change that places none, or one without an id of its sender',
    async holds(adapter) {
      for (const body of [
        '',
        '{',
        'null',
        '[]',
        '{}',
        '{"client_order_id":""}',
        '{"client_order_id":7}',
        '{"client_order_id":"a","Client_Order_Id":"b"}',
        '{"client_order_id":"\\ud800"}',
      ])
        for (const method of ['POST', 'PATCH', 'DELETE'])
          assert.equal(adapter.placedOrder({ method, path: '/v2/orders', body }), undefined)
    },
  },
  {
    says: 'reads a curve of parallel arrays with exact figures',
    async holds(adapter, doRead) {
      const curve = await doRead(adapter.history({ period: '1M', timeframe: '1D' }))
      const { timestamps, equity, profit_loss, profit_loss_pct, base_value, timeframe } = curve
      assert.ok(timestamps.length > 10)
      assert.deepEqual(timestamps, timestamps.toSorted())
      for (const series of [equity, profit_loss, profit_loss_pct]) {
        assert.equal(series.length, timestamps.length)
        assertFigures(series)
      }
      assertFigures([base_value])
      assert.equal(timeframe, '1D')
    },
  },
  {
    says: 'reads the clock',
    async holds(adapter, doRead) {
      const { at, isOpen, opensAt, closesAt } = await doRead(adapter.clock())
      assert.equal(closesAt < opensAt, isOpen)
      assert.ok(at < opensAt && at < closesAt)
    },
  },
]
