import { afterEach, describe, expect, it } from 'vitest'
import { fingerprintOf } from '../../../../tools/alpaca-stand-in/src/http/keys.ts'
import type { FaultOrder } from '../../../../tools/alpaca-stand-in/src/index.ts'
import {
  type BrokerReadName,
  brokerReading,
  brokerRoutes,
  impatient,
  type OwnedKey,
} from '../../testing/broker-reads.ts'
import { createPersonalToken } from '../../testing/factories.ts'
import { callsWith, credentialRow, forEachVaultApp, newPair } from '../../testing/factories-vault.ts'
import { SECOND } from '../../testing/fixed-clock.ts'

const NAMES = ['account', 'positions', 'orders', 'history'] as const
const WORDS = 'words of the broker alone'

const answered = (status: number, body: string, type = 'application/json') =>
  ({ kind: 'answer', answer: { status, type, body } }) as const
const said = (status: number, code?: number) =>
  answered(status, JSON.stringify({ ...(code === undefined ? {} : { code }), message: WORDS }))
const page = (status: number) => answered(status, `<html><body>${WORDS}</body></html>`, 'text/html')

const REJECTED = '409 brokers.broker_rejected'
const UNREACHABLE = '503 brokers.broker_unreachable'
const LIMITED = '429 brokers.broker_rate_limited'

/** What is made of each fault, whichever read meets it, and how often the broker was asked. */
const TABLE: readonly [string, FaultOrder, string, number][] = [
  ['silence', { kind: 'timeout' }, UNREACHABLE, 1],
  ['an answer that drips', { kind: 'drip', delayMs: 400 }, UNREACHABLE, 1],
  ['a late answer', { kind: 'latency', delayMs: 5_000 }, UNREACHABLE, 1],
  ['a connection that is reset', { kind: 'reset' }, UNREACHABLE, 3],
  ['an answer that is cut off', { kind: 'cut' }, UNREACHABLE, 3],
  ['half of the JSON', { kind: 'truncated' }, UNREACHABLE, 3],
  ['a failure', { kind: 'server_error' }, UNREACHABLE, 3],
  ['a page of a gateway', { kind: 'html' }, UNREACHABLE, 3],
  ['a page where JSON was promised', page(200), UNREACHABLE, 3],
  ['a page as JSON', answered(200, `<html>${WORDS}</html>`), UNREACHABLE, 3],
  ['other JSON', answered(200, `{"message":"${WORDS}"}`), UNREACHABLE, 3],
  ['nothing at all', answered(200, ''), UNREACHABLE, 3],
  [
    'a redirect',
    { kind: 'answer', answer: { status: 302, headers: { location: '/v2/clock' } } },
    UNREACHABLE,
    3,
  ],
  ['a page that forbids', page(403), UNREACHABLE, 3],
  ['something that is not there', { kind: 'not_found' }, UNREACHABLE, 1],
  ['a teapot', said(418), UNREACHABLE, 1],
  ['a wrong key', { kind: 'unauthorized' }, REJECTED, 1],
  ['a wrong key in other words', said(401), REJECTED, 1],
  ['a key it did not see', { kind: 'headers_missing' }, REJECTED, 1],
  ['a lack of buying power', { kind: 'buying_power' }, REJECTED, 1],
  ['a lack of shares', { kind: 'quantity' }, REJECTED, 1],
  ['a suspension', { kind: 'suspended' }, REJECTED, 1],
  ['an unknown 403', said(403, 40399999), REJECTED, 1],
  ['too many requests', { kind: 'rate_limited' }, LIMITED, 1],
  ['too many requests, as a page', page(429), LIMITED, 1],
]

forEachVaultApp('a broker in trouble', { brokerTiming: impatient }, (on) => {
  const { withKey, read } = brokerReading(on)
  const fault = (key: OwnedKey, order: FaultOrder, name?: BrokerReadName) =>
    on.broker.controls.fault({
      ...order,
      keyId: key.keyId,
      ...(name === undefined ? {} : { route: brokerRoutes[name] }),
    })

  // Note: an answer in between, so that the failures of one test are no evidence against the host in the next.
  afterEach(async () => {
    on.broker.controls.clearFaults({})
    on.app.clock.advance(30 * SECOND)
    expect((await read('account', await withKey())).status).toBe(200)
  })

  it.each(TABLE)(
    'that answers with %s is told in our words, to every read',
    async (...[, order, told, asked]) => {
      const { member } = await withKey()
      const meet = async (name: BrokerReadName) => {
        const key = await withKey('paper', member)
        fault(key, order, name)
        const { status, body, text, headers } = await read(name, key)
        expect({ name, told: `${status} ${body.code}` }).toEqual({ name, told })
        expect(callsWith(on.broker, key.keyId)).toBe(asked)
        for (const part of [WORDS, key.keyId, key.secret, 'not authorized', '<html', 'insufficient buying']) {
          expect(text).not.toContain(part)
        }
        if (status !== 409) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
      }
      await Promise.all(NAMES.map(meet))
    },
  )

  it('that refuses the input is our fault, but for the curve it does not have', async () => {
    const key = await withKey()
    fault(key, { kind: 'unprocessable' })
    for (const name of NAMES) {
      const { status, body, text } = await read(name, key)
      expect(`${name} ${status}`).toBe(`${name} ${name === 'history' ? 422 : 503}`)
      if (name === 'history') expect(body.errors).toMatchObject([{ path: 'query.period' }])
      expect(text).not.toContain('invalid request')
    }
  })

  it('that fails once or twice is asked again, and nobody notices', async () => {
    const key = await withKey()
    fault(key, { kind: 'server_error', times: 1 })
    fault(key, { kind: 'reset', times: 1 })
    const { status } = await read('positions', key)
    expect([status, callsWith(on.broker, key.keyId)]).toEqual([200, 3])
  })

  it('that adds fields nobody knows is read all the same', async () => {
    const key = await withKey()
    const before = await Promise.all(NAMES.map((name) => read(name, key)))
    on.broker.controls.settings({ areUnknownFieldsAdded: true })
    const after = await Promise.all(NAMES.map((name) => read(name, key)))
    on.broker.controls.settings({ areUnknownFieldsAdded: false })
    expect(after.map(({ body }) => body)).toEqual(before.map(({ body }) => body))
    expect(after.every(({ status }) => status === 200)).toBe(true)
  })

  it('that revokes a key has it refused at once, switched off after three refusals, and no other key', async () => {
    const key = await withKey()
    const other = await withKey('paper', key.member)
    expect((await read('account', key)).status).toBe(200)
    on.broker.controls.key({ environment: 'paper', keyId: key.keyId, action: 'revoke' })
    for (let time = 0; time < 3; time++) {
      const { status, body } = await read('account', key)
      expect(`${status} ${body.code}`).toBe(REJECTED)
    }
    await expect.poll(async () => (await credentialRow(on.app, key.id))?.is_active).toBeFalsy()
    expect((await read('account', key)).body.code).toBe('vault.credential_inactive')
    expect((await read('account', other)).status).toBe(200)
  })

  it('that had enough is not asked before its reset, by that key alone, and no longer than that', async () => {
    const key = await withKey()
    const other = await withKey('paper', key.member)
    const resetsAt = Math.ceil(on.app.clock.now().getTime() / SECOND) + 20
    const headers = { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': `${resetsAt}` }
    fault(key, { kind: 'answer', times: 1, answer: { status: 429, headers, body: `{"message":"${WORDS}"}` } })
    const first = await read('account', key)
    expect([first.status, first.headers.get('retry-after')]).toEqual([429, '20'])
    on.app.clock.advance(5 * SECOND)
    for (const name of NAMES) {
      const { status, headers, body } = await read(name, key)
      expect([status, headers.get('retry-after')]).toEqual([429, '15'])
      expect(body.detail).toContain('15 seconds')
    }
    expect(callsWith(on.broker, key.keyId)).toBe(1)
    expect((await read('account', other)).status).toBe(200)
    on.app.clock.advance(15 * SECOND)
    expect((await read('account', key)).status).toBe(200)
  })

  it('that had enough of a pair is asked with the next one', async () => {
    const key = await withKey()
    fault(key, { kind: 'rate_limited', times: 1 })
    expect((await read('account', key)).status).toBe(429)
    const { status, text } = await on.app.send('PUT', `/credentials/${key.id}`, {
      token: key.member.accessToken,
      body: newPair(),
    })
    expect(status, text).toBe(200)
    expect((await read('account', key)).status).toBe(200)
  })

  it('that keeps failing for one key is left alone for 30 s by that key, then asked once', async () => {
    const key = await withKey()
    const other = await withKey('paper', key.member)
    fault(key, { kind: 'server_error' })
    for (let time = 0; time < 5; time++) expect((await read('account', key)).status).toBe(503)
    const asked = callsWith(on.broker, key.keyId)
    const kept = await read('positions', key)
    expect([kept.status, kept.headers.get('retry-after')]).toEqual([503, '30'])
    expect(callsWith(on.broker, key.keyId)).toBe(asked)
    expect((await read('account', other)).status).toBe(200)
    on.broker.controls.clearFaults({})
    on.app.clock.advance(30 * SECOND)
    expect((await read('account', key)).status).toBe(200)
    expect(callsWith(on.broker, key.keyId)).toBe(asked + 1)
  })

  it('that hangs for one key keeps nobody else waiting', async () => {
    const [stuck, free] = [await withKey(), await withKey()]
    const same = await withKey('paper', stuck.member)
    const live = await withKey('live', stuck.member)
    fault(stuck, { kind: 'timeout' })
    const path = (n: number) => `/orders?credential_id=${stuck.id}&limit=${n}`
    const token = stuck.member.accessToken
    const waiting = Array.from({ length: 20 }, (_, n) => on.app.send('GET', path(n + 1), { token }))
    await on.broker.log.until(({ keyFingerprint }) => keyFingerprint === fingerprintOf(stuck.keyId))
    const startedAt = performance.now()
    const others = await Promise.all(
      [free, same, live].flatMap((key) => NAMES.map((name) => read(name, key))),
    )
    const took = performance.now() - startedAt
    expect(others.map(({ status }) => status)).toEqual(others.map(() => 200))
    expect(took).toBeLessThan(impatient.budgetMs - 500)
    const ended = await Promise.all(waiting)
    const codes = ended.map(({ status }) => status)
    expect(codes.filter((status) => status === 503)).toHaveLength(16)
    expect(codes.filter((status) => status === 429)).toHaveLength(4)
    expect(performance.now() - startedAt).toBeLessThan(impatient.budgetMs + 1_500)
  })

  it('that answers nobody is left alone by all, and comes back with its first answer', async () => {
    const keys = [await withKey(), await withKey(), await withKey()]
    const bystander = await withKey()
    const elsewhere = await withKey('live')
    on.broker.controls.fault({ kind: 'html', environment: 'paper' })
    for (const key of [...keys, ...keys]) await read('account', key)
    expect((await read('account', bystander)).status).toBe(503)
    expect(callsWith(on.broker, bystander.keyId)).toBe(0)
    expect((await read('account', elsewhere)).status).toBe(200)
    on.broker.controls.clearFaults({})
    on.app.clock.advance(30 * SECOND)
    for (const key of [bystander, ...keys]) expect((await read('account', key)).status).toBe(200)
  })
})

forEachVaultApp('a key at its broker', { brokerTiming: impatient }, (on) => {
  const { withKey, read } = brokerReading(on)

  it('reaches the host of its environment and no other, in its own headers and nowhere else', async () => {
    const [paper, live] = [await withKey('paper'), await withKey('live')]
    on.broker.controls.clearLog({})
    for (const name of NAMES) for (const key of [paper, live]) await read(name, key)
    const calls = on.broker.log.entries().map((entry) => ({ ...entry, headers: undefined }))
    expect(calls).toHaveLength(8)
    for (const [environment, { keyId }] of [
      ['paper', paper],
      ['live', live],
    ] as const) {
      const own = calls.filter(({ keyFingerprint }) => keyFingerprint === fingerprintOf(keyId))
      expect(own.map((call) => call.path)).toEqual(NAMES.map((name) => brokerRoutes[name]))
      for (const call of own) {
        expect(call).toMatchObject({
          environment,
          method: 'GET',
          hasSecret: true,
          keySeenIn: [],
          outcome: 200,
        })
      }
    }
    const logged = on.app.logged.join('\n')
    for (const { keyId, secret } of [paper, live]) {
      expect(logged).not.toContain(keyId)
      expect(logged).not.toContain(secret)
    }
  })

  it('is sent to its own host alone when that rejects it, whoever uses it, though the other one would take it', async () => {
    const pair = newPair('live')
    const { member, id } = await withKey('paper', undefined, pair)
    const { token } = await createPersonalToken(on.app, member, { scopes: ['broker:trade'] })
    on.broker.controls.clearLog({})
    expect((await read('positions', { member, id })).status).toBe(409)
    const path = `/gateway/${id}/v2/orders`
    expect((await on.app.send('GET', path, { token })).status).toBe(401)
    const body = { symbol: 'AAPL', qty: '1', side: 'buy', type: 'market', time_in_force: 'day' }
    expect((await on.app.send('POST', path, { token, body })).status).toBe(401)
    await expect.poll(async () => (await credentialRow(on.app, id))?.is_active).toBeFalsy()
    expect(await credentialRow(on.app, id)).toMatchObject({ rejections: 3, last_validation: 'rejected' })
    const calls = on.broker.log
      .entries()
      .filter((call) => call.keyFingerprint === fingerprintOf(pair.api_key))
    expect(calls.map(({ environment, method }) => `${environment} ${method}`)).toEqual([
      ...['paper GET', 'paper GET', 'paper POST'],
    ])
  })

  it('is never asked from our caller’s headers', async () => {
    const key = await withKey()
    const { api_key, secret_key } = newPair()
    on.broker.controls.clearLog({})
    await on.app.send('GET', `/positions?credential_id=${key.id}`, {
      token: key.member.accessToken,
      headers: { 'apca-api-key-id': api_key, 'apca-api-secret-key': secret_key, cookie: 'a=b', 'x-own': '1' },
    })
    const [call, ...others] = on.broker.log.entries()
    expect(others).toEqual([])
    expect(call?.keyFingerprint).toBe(fingerprintOf(key.keyId))
    expect(call?.headers).not.toContain('cookie')
    expect(call?.headers).not.toContain('authorization')
    expect(call?.headers).not.toContain('x-own')
  })

  it('is asked once for the same read of one session at the same moment, and for each otherwise', async () => {
    const key = await withKey()
    const other = await withKey('paper', key.member)
    const answers = await Promise.all([...Array(16).fill(key), other].map((each) => read('positions', each)))
    expect(answers.map(({ status }) => status)).toEqual(Array(17).fill(200))
    expect(callsWith(on.broker, other.keyId)).toBe(1)
    const shared = callsWith(on.broker, key.keyId)
    expect(shared).toBeLessThan(16)
    await read('positions', key)
    expect(callsWith(on.broker, key.keyId)).toBe(shared + 1)
  })
})

const limited = { brokerTiming: impatient, env: { OUTCRY_RATE_LIMITS: 'on' } }
forEachVaultApp('reads of brokers', limited, (on) => {
  const { withKey, read } = brokerReading(on)

  describe('by one member', () => {
    it('are sixty a minute, of all kinds and keys together', async () => {
      const key = await withKey()
      const statuses: number[] = []
      for (let n = 0; n < 61; n++) {
        statuses.push((await read(NAMES[n % NAMES.length] ?? 'account', key)).status)
      }
      expect(statuses).toEqual([...Array(60).fill(200), 429])
      expect(callsWith(on.broker, key.keyId)).toBe(60)
    })
  })
})
