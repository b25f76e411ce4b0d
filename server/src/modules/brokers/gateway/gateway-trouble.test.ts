import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startBrokerDouble } from '../../../testing/broker-double.ts'
import { createPersonalToken, createSignedInMember } from '../../../testing/factories.ts'
import { credentialEntries, storeCredential } from '../../../testing/factories-vault.ts'
import { fixedClock } from '../../../testing/fixed-clock.ts'
import { startTestApp } from '../../../testing/start-test-app.ts'
import { type BrokerAnswer, createVaultClient, createVaultLink, vaultErrors } from '../../vault/index.ts'
import { brokersErrors } from '../brokers.errors.ts'
import { createGateway, type GatewayOptions } from './gateway.ts'

const request = {
  method: 'GET',
  path: '/v2/account',
  query: '',
  headers: {},
  body: undefined,
  signal: new AbortController().signal,
} as const
const noOrders: Omit<GatewayOptions, 'vault'> = {
  data: { placedOrder: () => Promise.reject(new Error('Nobody asks for orders.')) },
  wait: () => Promise.resolve(),
}
const asker = { userId: 'a', credentialId: 'b', actor: {} } as const

describe('the gateway', () => {
  it('says plainly that there is no vault, with a time to come back', async () => {
    const link = createVaultLink({ find: async () => undefined, clock: fixedClock() })
    const { forward } = createGateway({ ...noOrders, vault: createVaultClient(link) })
    await expect(forward(asker, request)).rejects.toMatchObject({
      code: 'vault.unavailable',
      status: 503,
      headers: { 'retry-after': '2' },
    })
  })

  it('asks the vault once, whatever becomes of it', async () => {
    let asked = 0
    const use = () => {
      asked++
      return Promise.reject(new Error('The vault is gone.'))
    }
    const { forward } = createGateway({ ...noOrders, vault: { use } })
    await expect(forward(asker, { ...request, method: 'POST' })).rejects.toThrow('The vault is gone.')
    expect(asked).toBe(1)
  })

  it('lets go of the answer that would lead elsewhere', async () => {
    const body = Readable.from(['gone there'])
    const use = async () => ({ status: 302, headers: {}, body, outcome: 'ok' as const })
    const { forward } = createGateway({ ...noOrders, vault: { use } })
    await expect(forward(asker, request)).rejects.toMatchObject({ code: 'brokers.broker_unreachable' })
    expect(body.destroyed).toBe(true)
  })

  it('hands on no header that came twice', async () => {
    const sent: unknown[] = []
    const { forward } = createGateway({
      ...noOrders,
      vault: {
        async use(_claims, { headers }) {
          sent.push(headers)
          return { status: 200, headers: {}, body: Readable.from(['fine']), outcome: 'ok' }
        },
      },
    })
    const answer = await forward(asker, { ...request, headers: { accept: 'a', range: ['b', 'c'] } })
    expect(sent).toEqual([{ accept: 'a' }])
    expect(answer.body instanceof Readable && (await text(answer.body))).toBe('fine')
  })

  it('has a short answer as a whole, or not at all when the vault goes away meanwhile', async () => {
    const bodies = [Readable.from([Buffer.from('fine')]), new PassThrough()]
    const broken = bodies[1]
    const { forward } = createGateway({
      ...noOrders,
      vault: {
        async use() {
          const body = bodies.shift() ?? Readable.from([])
          return { status: 200, headers: { 'content-length': '4' }, body, outcome: 'ok' }
        },
      },
    })
    expect((await forward(asker, request)).body).toEqual(Buffer.from('fine'))
    const forwarding = forward(asker, request)
    broken?.push('fi')
    broken?.destroy()
    await expect(forwarding).rejects.toMatchObject({ code: 'vault.unavailable', status: 503 })
  })
})

describe('an order through the gateway', () => {
  const body = '{"client_order_id":"mine"}'
  const post = () => ({
    ...request,
    method: 'POST',
    path: '/v2/orders',
    headers: { 'content-length': `${body.length}` },
    body: Readable.from([Buffer.from(body)]),
  })
  const absent = brokersErrors.orderAbsent()
  const drain = async (sent: { readonly body?: unknown }) =>
    void (sent.body instanceof Readable && (await text(sent.body)))
  /** A gateway to a broker that loses each answer, or gives `answer`, and shows `shown` when it is looked up. */
  const open = (shown: (string | Error)[], answer?: BrokerAnswer) => {
    const [looked, waited]: [unknown[], number[]] = [[], []]
    const { forward } = createGateway({
      vault: {
        async use(_claims, sent) {
          await drain(sent)
          if (answer) return answer
          throw vaultErrors.brokerUnreachable()
        },
      },
      data: {
        async placedOrder(_asker, change) {
          looked.push(change)
          const next = shown.shift()
          if (typeof next === 'string') return next
          throw next ?? absent
        },
      },
      wait: async (ms) => void waited.push(ms),
    })
    return { forward, looked, waited }
  }

  it('is looked for once more when it is not there yet, as it was sent', async () => {
    const { forward, looked, waited } = open([absent, '{"id":"1"}'])
    expect(await forward(asker, post())).toMatchObject({ status: 200, body: Buffer.from('{"id":"1"}') })
    const change = { method: 'POST', path: '/v2/orders', body }
    expect([looked, waited]).toEqual([[change, change], [1_500]])
    const never = open([])
    await expect(never.forward(asker, post())).rejects.toMatchObject({ code: 'brokers.order_absent' })
    expect(never.looked).toHaveLength(2)
  })

  it('is looked up when the broker says that it failed, and its answer stands when nothing is found', async () => {
    const failed = (): BrokerAnswer => ({
      status: 504,
      headers: { 'content-length': '4' },
      body: Readable.from([Buffer.from('late')]),
      outcome: 'unreachable',
    })
    expect(await open(['{"id":"1"}'], failed()).forward(asker, post())).toMatchObject({ status: 200 })
    const stands = await open([], failed()).forward(asker, post())
    expect(stands).toMatchObject({ status: 504, body: Buffer.from('late') })
  })

  it.each([301, 303, 307])('is uncertain when a broker answers it with %i', async (status) => {
    const elsewhere: BrokerAnswer = { status, headers: {}, body: Readable.from(['gone']), outcome: 'ok' }
    const { forward } = open([new Error('The broker is away.')], elsewhere)
    await expect(forward(asker, post())).rejects.toMatchObject({ code: 'brokers.outcome_unknown' })
    expect(elsewhere.body.destroyed).toBe(true)
  })

  it('is uncertain when the vault goes away over it, and may come again when there was no vault', async () => {
    const link = (send: Parameters<typeof createVaultClient>[0]['send']) =>
      createVaultClient({ send, close: async () => undefined })
    const looked: unknown[] = []
    const data = { placedOrder: async () => Promise.reject(looked.push('asked')) }
    const reset = async (_claims: unknown, sent: { readonly body?: unknown }) => {
      await drain(sent)
      throw new Error('reset')
    }
    const cut = createGateway({ ...noOrders, data, vault: link(reset) })
    await expect(cut.forward(asker, post())).rejects.toMatchObject({ code: 'brokers.outcome_unknown' })
    expect(looked).toHaveLength(1)
    const none = createGateway({ ...noOrders, data, vault: link(async () => undefined) })
    await expect(none.forward(asker, post())).rejects.toMatchObject({ code: 'vault.unavailable' })
    expect(looked).toHaveLength(1)
  })
})

describe.each(['sqlite', 'postgres'] as const)('the gateway on %s', (dialect) => {
  it('waits for a broker no longer than the vault does, and cuts off what takes longer', async () => {
    const broker = await startBrokerDouble()
    onTestFinished(() => broker[Symbol.asyncDispose]())
    const url = broker.url.origin
    const app = await startTestApp({
      dialect,
      env: { OUTCRY_ALPACA_PAPER_URL: url, OUTCRY_ALPACA_LIVE_URL: url },
      vault: { times: { totalMs: 200 } },
    })
    onTestFinished(() => app[Symbol.asyncDispose]())
    const member = await createSignedInMember(app)
    const { id } = await storeCredential(app, member)
    const { token } = await createPersonalToken(app, member, { scopes: ['broker:read'] })
    const ask = () => app.send('GET', `/gateway/${id}/v2/account`, { token })
    broker.answer(() => undefined)
    const answer = await ask()
    expect([answer.status, answer.body.code]).toEqual([503, 'brokers.broker_unreachable'])
    broker.answer((_request, response) => void response.writeHead(200).write('x'.repeat(100_000)))
    await expect(ask()).rejects.toThrow()
    await expect.poll(() => credentialEntries(app, id, 'credential.use_ended')).toHaveLength(2)
    const outcomes = (await credentialEntries(app, id, 'credential.use_ended')).map(({ details }) =>
      JSON.stringify(details),
    )
    expect(outcomes.filter((each) => each.includes('unreachable'))).toHaveLength(2)
    expect(broker.received).toHaveLength(2)
  })
})
