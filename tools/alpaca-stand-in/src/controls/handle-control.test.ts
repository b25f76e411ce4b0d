import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type StandIn, startStandIn } from '../index.ts'
import { createClient } from '../testing/client.ts'

const KEY = { environment: 'paper', keyId: 'PKFAKECONTROL' } as const

let standIn: StandIn
beforeAll(async () => {
  standIn = await startStandIn()
})
afterAll(() => standIn.dispose())
beforeEach(() => standIn.controls.reset({}))

async function post(command: string, body?: unknown, url = standIn.paper.url) {
  const init = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
  const response = await fetch(`${url}/_stand-in/${command}`, { method: 'POST', ...init })
  const text = await response.text()
  return { status: response.status, json: text === '' ? null : JSON.parse(text) }
}
const read = async (name: string) =>
  JSON.parse(await (await fetch(`${standIn.live.url}/_stand-in/${name}`)).text())

describe('the controls over HTTP', () => {
  it('are the commands of a program, on both ports, without a key', async () => {
    const listed = await read('')
    expect(Object.keys(listed.POST)).toEqual(Object.keys(standIn.controls))
    expect(await post('clock', { now: '2026-07-01T14:00:00Z' })).toEqual({
      ...{ status: 200, json: { now: '2026-07-01T14:00:00.000Z', isRunning: false } },
    })
    expect(await post('clock', { advanceMs: 1_000 }, standIn.live.url)).toMatchObject({
      json: { now: '2026-07-01T14:00:01.000Z' },
    })
    expect(await post('settings', { fills: 'manual' })).toMatchObject({ json: { fills: 'manual' } })
    expect(await read('state')).toMatchObject({ seed: 'outcry', settings: { fills: 'manual' } })
    expect(await post('price', { symbol: 'F', price: '7.77' })).toEqual({ status: 204, json: null })
    expect(await post('fault', { kind: 'html', ...KEY })).toMatchObject({ status: 200, json: { id: 1 } })
    expect(await read('faults')).toMatchObject([{ kind: 'html', environment: 'paper' }])
    expect(await post('key', { ...KEY, action: 'revoke' })).toMatchObject({ status: 204 })
    expect(await post('account', { ...KEY, standing: 'blocked' })).toMatchObject({ status: 204 })
    expect(await post('drop', { environment: 'live' })).toMatchObject({ json: { dropped: 0 } })
    expect(await post('reset')).toMatchObject({ status: 204 })
    expect(await read('faults')).toEqual([])
  })

  it('show the log and clear it', async () => {
    await createClient(standIn, KEY).account()
    expect(await read('log')).toMatchObject([{ path: '/v2/account', outcome: 200 }])
    await post('clearLog')
    expect(await read('log')).toEqual([])
  })

  it.each([
    ['clock', 'no JSON', 'The body is not JSON.'],
    ['clock', { now: 7 }, 'The body does not fit: /now must be string.'],
    ['clock', { now: '2020-01-01T00:00:00Z' }, 'The clock starts at 2026-01-01T00:00:00.000Z.'],
    ['clock', { now: 'noon' }, 'The clock starts at 2026-01-01T00:00:00.000Z.'],
    ['price', { symbol: 'NOSUCH', price: '1' }, 'The stand-in does not trade NOSUCH.'],
    ['price', { symbol: 'F', price: '1e3' }, '1e3 is not a decimal number.'],
    ['fill', { ...KEY, orderId: 'nobody' }, 'order not found'],
    ['finish', { ...KEY, orderId: 'nobody' }, 'order not found'],
    ['key', { ...KEY, action: 'register' }, 'A key is registered with its secret.'],
  ])('refuse %s with %j', async (command, body, message) => {
    expect(await post(command, body)).toEqual({ status: 400, json: { message } })
  })

  it('refuse a wrong standing or fault, and do not know other names', async () => {
    expect(await post('account', { ...KEY, standing: 'rich' })).toMatchObject({ status: 400 })
    expect(await post('fault', { kind: 'html', secret: 'x' })).toMatchObject({ status: 400 })
    expect(await post('toString', {})).toMatchObject({ status: 404 })
    expect((await fetch(`${standIn.paper.url}/_stand-in/nothing`)).status).toBe(404)
  })
})

it('refuses to finish what is not pending, and to fill an order of several legs', async () => {
  const client = createClient(standIn, KEY)
  const leg = { symbol: 'AAPL271217C00250000', side: 'buy', ratio_qty: '1' }
  const order = { order_class: 'mleg', qty: '1', type: 'limit', limit_price: '1', time_in_force: 'day' }
  const { id } = await client.place({ ...order, legs: [leg, { ...leg, side: 'sell' }] })
  expect(() => standIn.controls.finish({ ...KEY, orderId: id })).toThrow('Nothing is pending')
  expect(() => standIn.controls.fill({ ...KEY, orderId: id })).toThrow('several legs')
})
