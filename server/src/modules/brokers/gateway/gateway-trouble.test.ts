import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startBrokerDouble } from '../../../testing/broker-double.ts'
import { createPersonalToken, createSignedInMember } from '../../../testing/factories.ts'
import { credentialEntries, storeCredential } from '../../../testing/factories-vault.ts'
import { fixedClock } from '../../../testing/fixed-clock.ts'
import { startTestApp } from '../../../testing/start-test-app.ts'
import { createVaultClient, createVaultLink } from '../../vault/index.ts'
import { createGateway, type GatewayOptions } from './gateway.ts'

const request = {
  method: 'GET',
  path: '/v2/account',
  query: '',
  headers: {},
  body: undefined,
  signal: new AbortController().signal,
} as const
const noOrders: GatewayOptions['data'] = {
  placedOrder: () => Promise.reject(new Error('Nobody asks for orders.')),
}
const asker = { userId: 'a', credentialId: 'b', actor: {} } as const

describe('the gateway', () => {
  it('says plainly that there is no vault, with a time to come back', async () => {
    const link = createVaultLink({ find: async () => undefined, clock: fixedClock() })
    const { forward } = createGateway({ data: noOrders, vault: createVaultClient(link) })
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
    const { forward } = createGateway({ data: noOrders, vault: { use } })
    await expect(forward(asker, { ...request, method: 'POST' })).rejects.toThrow('The vault is gone.')
    expect(asked).toBe(1)
  })

  it('lets go of the answer that would lead elsewhere', async () => {
    const body = Readable.from(['gone there'])
    const use = async () => ({ status: 302, headers: {}, body, outcome: 'ok' as const })
    const { forward } = createGateway({ data: noOrders, vault: { use } })
    await expect(forward(asker, request)).rejects.toMatchObject({ code: 'brokers.broker_unreachable' })
    expect(body.destroyed).toBe(true)
  })

  it('hands on no header that came twice', async () => {
    const sent: unknown[] = []
    const { forward } = createGateway({
      data: noOrders,
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
      data: noOrders,
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
