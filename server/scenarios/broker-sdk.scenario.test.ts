import { Alpaca, type ApiError, trading } from '@alpacahq/alpaca-trade-api'
import { describe, expect, it } from 'vitest'
import { createPersonalToken, createSignedInMember } from '../src/testing/factories.ts'
import { credentialEntries, forEachVaultApp, live, storeCredential } from '../src/testing/factories-vault.ts'

/**
 * The vendor's own JavaScript client, version 4.0.2, as it is published. All that is set: `basePath`, its documented way to
 * another host; the token where the id of a key goes; and anything as the secret, which it demands.
 */
function clientFor(basePath: string, token: string) {
  const configuration = new trading.Configuration({ basePath, keyId: token, secret: 'unused' })
  return {
    account: new trading.AccountsApi(configuration),
    positions: new trading.PositionsApi(configuration),
    orders: new trading.OrdersApi(configuration),
    history: new trading.PortfolioHistoryApi(configuration),
    clock: new trading.ClockApi(configuration),
  }
}

const order = (client_order_id: string) => ({
  postOrderRequest: {
    symbol: 'AAPL',
    qty: '2',
    side: 'buy',
    type: 'market',
    timeInForce: 'day',
    clientOrderId: client_order_id,
  } as const,
})

const refusal = (call: Promise<unknown>): Promise<ApiError> =>
  call.then(
    () => Promise.reject(new Error('It was not refused.')),
    (error: ApiError) => error,
  )

forEachVaultApp('an unmodified client of the broker, through the gateway', {}, (on) => {
  const setUp = async (environment: 'paper' | 'live') => {
    const { app } = on
    const member = await createSignedInMember(app)
    const { id } = await storeCredential(app, member, environment === 'live' ? live() : {})
    const basePath = `${app.url}/api/v1/gateway/${id}`
    const clientOf = async (scope: string) => {
      const { token } = await createPersonalToken(app, member, { scopes: [scope] })
      return clientFor(basePath, token)
    }
    return {
      member,
      id,
      basePath,
      reader: await clientOf('broker:read'),
      trader: await clientOf('broker:trade'),
    }
  }
  const callsOf = () => on.broker.log.entries()

  it('reads account, positions, orders, history and clock with broker:read', async () => {
    const { id, reader } = await setUp('paper')
    const before = callsOf().length
    const account = await reader.account.getAccount()
    expect([account.status, typeof account.buyingPower]).toEqual(['ACTIVE', 'string'])
    const positions = await reader.positions.getAllOpenPositions()
    expect(positions.length).toBeGreaterThan(0)
    expect(positions.map(({ symbol }) => typeof symbol)).toEqual(positions.map(() => 'string'))
    const orders = await reader.orders.getAllOrders({ status: 'all', limit: 50 })
    expect(orders.length).toBeGreaterThan(0)
    const [first] = orders
    expect((await reader.orders.getOrderByOrderID({ orderId: String(first?.id) })).id).toBe(first?.id)
    const history = await reader.history.getAccountPortfolioHistory({ period: '1M', timeframe: '1D' })
    expect(history.timestamp?.length).toBe(history.equity?.length)
    expect((await reader.clock.legacyClock()).isOpen).toBe(true)
    const calls = callsOf().slice(before)
    expect(calls.map(({ method, path, outcome }) => [method, path, outcome])).toEqual([
      ['GET', '/v2/account', 200],
      ['GET', '/v2/positions', 200],
      ['GET', '/v2/orders', 200],
      ['GET', `/v2/orders/${first?.id}`, 200],
      ['GET', '/v2/account/portfolio/history', 200],
      ['GET', '/v2/clock', 200],
    ])
    expect(
      calls.every(({ hasKeyId, hasSecret, keySeenIn }) => hasKeyId && hasSecret && keySeenIn.length === 0),
    ).toBe(true)
    expect(await credentialEntries(on.app, id, 'credential.used')).toHaveLength(6)
  })

  it('is refused an order with broker:read before any key is opened', async () => {
    const { id, reader } = await setUp('paper')
    const before = callsOf().length
    const error = await refusal(reader.orders.postOrder(order(`refused-${id}`)))
    expect([error.name, error.status]).toEqual(['PermissionError', 403])
    expect(callsOf().length).toBe(before)
    expect(await credentialEntries(on.app, id, 'credential.used')).toEqual([])
  })

  it('places an order on paper with broker:trade, and sees it', async () => {
    const { id, trader } = await setUp('paper')
    const clientOrderId = `placed-${id}`
    const placed = await trader.orders.postOrder(order(clientOrderId))
    expect([placed.symbol, placed.clientOrderId]).toEqual(['AAPL', clientOrderId])
    const seen = await trader.orders.getOrderByClientOrderId({ clientOrderId })
    expect(seen.id).toBe(placed.id)
    const last = callsOf().at(-2)
    expect(last).toMatchObject({ environment: 'paper', method: 'POST', path: '/v2/orders', outcome: 200 })
  })

  it('places an order on live only when its owner has enabled it', async () => {
    const { id, member, trader } = await setUp('live')
    expect((await trader.account.getAccount()).status).toBe('ACTIVE')
    const before = callsOf().length
    const error = await refusal(trader.orders.postOrder(order(`early-${id}`)))
    expect([error.name, error.status]).toEqual(['PermissionError', 403])
    expect(callsOf().length).toBe(before)
    const body = { is_trading_enabled: true }
    const enabled = await on.app.send('PUT', `/credentials/${id}`, { token: member.accessToken, body })
    expect(enabled.status, enabled.text).toBe(200)
    const clientOrderId = `live-${id}`
    expect((await trader.orders.postOrder(order(clientOrderId))).clientOrderId).toBe(clientOrderId)
    expect(callsOf().at(-1)).toMatchObject({ environment: 'live', method: 'POST', outcome: 200 })
  })

  it('hears the broker’s own refusals as from the broker', async () => {
    const { trader } = await setUp('paper')
    const missing = await refusal(
      trader.orders.getOrderByOrderID({ orderId: '01890a5d-ac96-774b-bcce-b302099a8057' }),
    )
    expect([missing.name, missing.status]).toEqual(['NotFoundError', 404])
    on.broker.controls.fault({ kind: 'rate_limited', route: '/v2/account', times: 1 })
    const limited = await refusal(trader.account.getAccount())
    expect([limited.name, limited.status, limited.rateLimit?.remaining]).toEqual(['RateLimitError', 429, 0])
  })

  describe('made the other ways it documents', () => {
    it('takes the token as OAuth access token', async () => {
      const { basePath, member } = await setUp('paper')
      const { token: accessToken } = await createPersonalToken(on.app, member, { scopes: ['broker:read'] })
      const configuration = new trading.Configuration({ basePath, accessToken })
      expect((await new trading.AccountsApi(configuration).getAccount()).status).toBe('ACTIVE')
    })

    it('goes to the gateway from its facade by a middleware, since that knows no base path', async () => {
      const { basePath, member } = await setUp('paper')
      const { token: keyId } = await createPersonalToken(on.app, member, { scopes: ['broker:trade'] })
      const toGateway: trading.Middleware = {
        pre: async ({ url, init }) => ({ url: url.replace(trading.TRADING_PAPER_HOST, basePath), init }),
      }
      const alpaca = new Alpaca({ keyId, secret: 'unused', middleware: [toGateway] })
      expect((await alpaca.trading.account.getAccount()).status).toBe('ACTIVE')
      const placed = await alpaca.trading.orders.market({ symbol: 'AAPL', qty: 1, side: 'buy' })
      expect(placed.symbol).toBe('AAPL')
    })
  })
})
