import { createSecretKey, randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type VaultSetting, vaultSetting } from '../../../testing/vault-setting.ts'
import type { UseClaims } from '../protocol/protocol.ts'
import { createVaultLink } from '../vault-link.ts'

const unavailable = { code: 'vault.unavailable', status: 503 }
const inactive = { code: 'vault.credential_inactive', reason: 'inactive' }
const unreachable = { code: 'vault.broker_unreachable' }
/** A letter every 20 ms, for ever. */
async function* drips() {
  for (;;) yield await wait(20, 'x')
}

const MIB = 1024 * 1024

describe.each(['sqlite', 'postgres'] as const)('the vault on %s', (dialect) => {
  let on: VaultSetting
  beforeAll(async () => {
    on = await vaultSetting(dialect, { times: { totalMs: 1_000, connectMs: 1_000 } })
  })
  afterAll(() => on[Symbol.asyncDispose]())
  beforeEach(() => {
    for (const double of [on.paper, on.live]) {
      double.received.length = 0
      double.recover()
    }
  })
  const ended = async (key: Parameters<VaultSetting['events']>[0]) =>
    (await on.events(key)).filter(({ action }) => action === 'credential.use_ended')

  it('asks the pinned host with the stored key, and hands the answer on', async () => {
    const pair = { apiKey: 'PKFAKE0123456789ABCD', secretKey: 'fake-secret-0123456789' }
    const key = await on.store({ pair })
    on.paper.answer((_request, response) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'x-ratelimit-remaining': '199',
        'set-cookie': 'a=b',
        location: 'https://elsewhere.example',
        'x-other': 'y',
        'x-vault-outcome': 'blocked',
        'x-vault-fault': 'not_found',
      })
      response.end('[]')
    })
    const headers = { accept: 'a/b', cookie: 'c=d', 'apca-api-key-id': 'mine', authorization: 'Bearer x' }
    const answer = await on.use(key, {}, { headers })
    expect(await text(answer.body)).toBe('[]')
    expect(answer).toMatchObject({ status: 200, outcome: 'ok' })
    expect(Object.keys(answer.headers).sort()).toEqual(['content-type', 'x-ratelimit-remaining'])
    expect(on.paper.received).toHaveLength(1)
    const sent = on.paper.received[0]
    expect(sent).toMatchObject({ method: 'GET', url: '/v2/positions?a=b' })
    expect(sent?.headers).toMatchObject({
      accept: 'a/b',
      host: on.paper.url.host,
      'apca-api-key-id': pair.apiKey,
      'apca-api-secret-key': pair.secretKey,
    })
    for (const name of ['cookie', 'x-grant', 'authorization']) expect(sent?.headers).not.toHaveProperty(name)
    expect(on.live.received).toEqual([])
    await expect.poll(() => ended(key)).toHaveLength(1)
    const details = { purpose: 'positions', method: 'GET', path: '/v2/positions', token_id: 'token-1' }
    const facts = {
      actor_id: key.owner,
      address: '203.0.113.9',
      request_id: 'r-1',
      object_type: 'credential',
    }
    expect(await on.events(key)).toMatchObject([
      { ...facts, action: 'credential.used', result: 'ok', details },
      { ...facts, action: 'credential.use_ended', result: 'ok', details: { ...details, outcome: 'ok' } },
    ])
    for (const line of on.app.logged) expect(line).not.toMatch(/PKFAKE0123|fake-secret-01/)
  })

  it('has the audit entry before the broker hears of it', async () => {
    const key = await on.store()
    let before: unknown[] = []
    on.paper.answer((_request, response) => {
      void on.events(key).then((events) => {
        before = events
        response.end('{}')
      })
    })
    await text((await on.use(key)).body)
    expect(before).toMatchObject([{ action: 'credential.used' }])
  })

  it('lets nobody in without a grant of its server, and asks no broker', async () => {
    const key = await on.store()
    const endpoint = await on.app.findVault()
    if (!endpoint) throw new Error('There is no vault.')
    const claims: UseClaims = {
      ...{ operation: 'use', owner: key.owner, credential: key.id, purpose: 'x', method: 'GET', path: '/v2' },
      ...{ query: '', actor: {} },
    }
    const stranger = createVaultLink({
      find: async () => ({ ...endpoint, secret: createSecretKey(randomBytes(32)) }),
      clock: on.app.clock,
    })
    const answer = await stranger.send(claims, { headers: {}, body: null })
    expect([answer?.statusCode, answer?.headers['x-vault-fault']]).toEqual([403, 'grant_refused'])
    expect(await answer?.body.toArray()).toEqual([])
    await stranger.close()
    expect(on.paper.received).toEqual([])
    expect(await on.events(key)).toEqual([])
  })

  it.each<[string, Partial<UseClaims>]>([
    ['another host', { path: '//evil.example/v2' }],
    ['a dot segment', { path: '/v2/../v1' }],
    ['a line break', { path: '/v2/a\r\nx: y' }],
    ['a fragment', { query: '?a#b' }],
    ['another method', { method: 'CONNECT' }],
  ])('refuses %s in a grant', async (_what, claims) => {
    const key = await on.store()
    await expect(on.use(key, claims)).rejects.toMatchObject(unavailable)
    expect(on.paper.received).toEqual([])
    expect(await on.events(key)).toEqual([])
  })

  describe('refuses, asks no broker and says so in the audit log', () => {
    const refusedAs = async (
      key: { owner: string; id: string },
      { code, reason }: { code: string; reason: string },
      claims = {},
    ) => {
      await expect(on.use(key, claims)).rejects.toMatchObject({ code })
      expect([...on.paper.received, ...on.live.received]).toEqual([])
      await expect
        .poll(() => on.events(key))
        .toMatchObject([{ action: 'credential.refused', result: 'refused', details: { reason } }])
    }

    it('a credential that is switched off', async () => {
      await refusedAs(await on.store({ is_active: false }), inactive)
    })

    it('one that has expired, from that moment on', async () => {
      const at = on.app.clock.now()
      const key = await on.store({ expires_at: new Date(at.getTime() + 60_000) })
      await text((await on.use(key)).body)
      on.paper.received.length = 0
      const expired = await on.store({ expires_at: at })
      await refusedAs(expired, inactive)
    })

    it('a change with a live key that is not enabled for it', async () => {
      const key = await on.store({ credential_type: 'alpaca_live' })
      await refusedAs(
        key,
        { code: 'vault.trading_not_enabled', reason: 'trading_not_enabled' },
        { method: 'POST' },
      )
      await text((await on.use(key)).body)
      expect(on.live.received).toMatchObject([{ method: 'GET' }])
      expect(on.paper.received).toEqual([])
    })

    it('one that is another member’s, in an entry that is not its owner’s to see', async () => {
      const key = await on.store()
      const stranger = await on.store()
      const code = 'vault.credential_not_found'
      for (const owner of [stranger.owner, randomUUID()])
        await expect(on.use({ ...key, owner })).rejects.toMatchObject({ code })
      await expect(on.use({ owner: key.owner, id: randomUUID() })).rejects.toMatchObject({ code })
      await expect(on.use({ owner: key.owner, id: 'not-an-id' })).rejects.toMatchObject({ code })
      await on.tamper(key, { deleted_at: on.app.clock.now() })
      await expect(on.use(key)).rejects.toMatchObject({ code })
      expect([...on.paper.received, ...on.live.received]).toEqual([])
      expect(await on.events(key)).toEqual([])
    })
  })

  it('places an order on live when that is enabled, and on paper', async () => {
    const order = Buffer.from('{"symbol":"AAPL"}')
    const bodies: string[] = []
    for (const double of [on.paper, on.live])
      double.answer(
        (request, response) => void text(request).then((body) => response.end(String(bodies.push(body)))),
      )
    const live = await on.store({ credential_type: 'alpaca_live', is_trading_enabled: true })
    const paper = await on.store()
    const asked = { method: 'POST', path: '/v2/orders', query: '' }
    const headers = { 'content-type': 'application/json' }
    for (const key of [live, paper]) await text((await on.use(key, asked, { headers, body: order })).body)
    expect(bodies).toEqual([String(order), String(order)])
    expect([on.live.received.length, on.paper.received.length]).toEqual([1, 1])
    expect(on.live.received[0]?.headers).toMatchObject({ ...headers, 'content-length': '17' })
  })

  it('follows no redirect, with or without the key', async () => {
    on.paper.answer((_request, response) => {
      response.writeHead(307, { location: `${on.live.url}v2/positions` }).end()
    })
    const answer = await on.use(await on.store())
    expect(await text(answer.body)).toBe('')
    expect(answer).toMatchObject({ status: 307, outcome: 'unreachable' })
    expect(answer.headers).not.toHaveProperty('location')
    expect(on.paper.received).toHaveLength(1)
    expect(on.live.received).toEqual([])
  })

  it('streams both ways: the first of the answer is there before the last is sent', async () => {
    let finish: () => void = () => undefined
    on.paper.answer((request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      request.on('data', (chunk) => response.write(chunk))
      finish = () => response.end('end')
    })
    const body = new Readable({ read: () => undefined })
    const key = await on.store()
    const asking = on.use(key, { method: 'POST', path: '/v2/echo' }, { body })
    body.push('one')
    const answer = await asking
    const reader = answer.body[Symbol.asyncIterator]()
    expect(String((await reader.next()).value)).toBe('one')
    body.push('two')
    expect(String((await reader.next()).value)).toBe('two')
    body.push(null)
    finish()
    expect(String((await reader.next()).value)).toBe('end')
    expect((await reader.next()).done).toBe(true)
  })

  it('hands 8 MiB on whole, no faster than they are read', async () => {
    const sent = randomBytes(8 * MIB)
    let written = 0
    on.paper.answer((_request, response) => {
      const chunks = Array.from({ length: 128 }, (_, i) => sent.subarray(i * 65_536, (i + 1) * 65_536))
      Readable.from(chunks)
        .on('data', (chunk) => {
          written += chunk.length
        })
        .pipe(response)
    })
    const answer = await on.use(await on.store())
    await new Promise((resolve) => setImmediate(resolve))
    expect(written).toBeLessThan(sent.length)
    expect((await buffer(answer.body)).equals(sent)).toBe(true)
  })

  it('cuts an answer that is too large', async () => {
    const piece = Buffer.alloc(MIB)
    on.paper.answer((_request, response) => {
      Readable.from(Array.from({ length: 40 }, () => piece))
        .on('error', () => undefined)
        .pipe(response)
        .on('error', () => undefined)
    })
    const key = await on.store()
    const answer = await on.use(key)
    await expect(buffer(answer.body)).rejects.toThrow()
    await expect
      .poll(() => ended(key))
      .toMatchObject([{ result: 'failed', details: { outcome: 'unreachable' } }])
  })

  it.each<[string, Parameters<VaultSetting['paper']['answer']>[0]]>([
    ['says nothing', () => undefined],
    ['drips a failure', (_q, r) => void Readable.from(drips()).pipe(r.writeHead(500))],
    ['cuts the line', (request) => void request.socket.destroy()],
    ['speaks no HTTP', (request) => void request.socket.end('SSH-2.0\r\n\r\n')],
    [
      'says too little',
      (_q, r) => void r.writeHead(200, { 'content-length': '100' }).write('x', () => r.destroy()),
    ],
  ])('answers that the broker is unreachable when it %s', async (_what, listener) => {
    on.paper.answer(listener)
    const key = await on.store()
    await expect(on.use(key)).rejects.toMatchObject(unreachable)
    expect(on.paper.received).toHaveLength(1)
    await expect
      .poll(() => ended(key))
      .toMatchObject([{ result: 'failed', details: { outcome: 'unreachable' } }])
  })

  it('answers that the broker is unreachable when it leaves in the middle of what it is sent', async () => {
    on.paper.answer((request) => void request.once('data', () => request.socket.destroy()))
    const key = await on.store()
    const body = new Readable({ read: () => undefined })
    const asking = on.use(key, { method: 'POST', path: '/v2/orders' }, { body })
    body.push('one')
    await expect(asking).rejects.toMatchObject(unreachable)
    await expect.poll(() => ended(key)).toMatchObject([{ details: { outcome: 'unreachable' } }])
  })

  it('cuts an answer that never ends when its time is over', async () => {
    let drips: NodeJS.Timeout | undefined
    on.paper.answer((_request, response) => {
      response.writeHead(200)
      drips = setInterval(() => response.write('x'), 20)
    })
    const key = await on.store()
    const answer = await on.use(key)
    await expect(text(answer.body)).rejects.toThrow()
    clearInterval(drips)
    await expect.poll(() => ended(key)).toMatchObject([{ details: { outcome: 'unreachable' } }])
  })

  it('lets go of the broker when the one who asked has gone', async () => {
    const gone = new Promise<void>((resolve) => {
      on.paper.answer((_request, response) => void response.once('close', resolve))
    })
    const key = await on.store()
    const leaving = new AbortController()
    const asking = on.use(key, {}, { signal: leaving.signal })
    await expect.poll(() => on.paper.received.length).toBe(1)
    leaving.abort()
    await expect(asking).rejects.toMatchObject(unavailable)
    await gone
    await expect.poll(() => ended(key)).toMatchObject([{ details: { outcome: 'abandoned' } }])
    expect((await on.row(key)).last_used_at).toBeNull()
  })

  it('switches a key off that was rejected three times in a row, and sends it no more', async () => {
    const reject = () =>
      on.paper.answer((_request, response) => response.writeHead(401).end('{"message":"unauthorized."}'))
    const key = await on.store({ is_default: true })
    const ask = async () => text((await on.use(key)).body)
    reject()
    await ask()
    await ask()
    await expect.poll(async () => (await on.row(key)).rejections).toBe(2)
    on.paper.recover()
    await ask()
    await expect.poll(async () => (await on.row(key)).rejections).toBe(0)
    reject()
    const { version } = await on.row(key)
    await Promise.all([ask(), ask(), ask()])
    await expect.poll(async () => (await on.row(key)).is_active).toBe(false)
    expect(await on.row(key)).toMatchObject({
      is_default: false,
      rejections: 3,
      last_validation: 'rejected',
      version: version + 1,
    })
    const count = on.paper.received.length
    await expect(ask()).rejects.toMatchObject({ code: 'vault.credential_inactive' })
    expect(on.paper.received).toHaveLength(count)
    expect(on.live.received).toEqual([])
    const changes = (await on.events(key)).filter(({ action }) => action === 'credential.changed')
    expect(changes).toMatchObject([{ details: { is_active: false, reason: 'rejected' } }])
  })

  it('forgets no rejection for an answer before it, and no answer for a rejection after it', async () => {
    const answers = [200, 401]
    on.paper.answer((_request, response) => response.writeHead(answers.shift() ?? 200).end('{}'))
    const key = await on.store({ rejections: 2 })
    const other = await on.store()
    for (const each of [key, key, other]) await text((await on.use(each)).body)
    await expect.poll(async () => (await on.row(other)).last_validation).toBe('ok')
    expect(await on.row(key)).toMatchObject({
      last_validation: 'rejected',
      rejections: 1,
      is_active: true,
      last_used_at: on.app.clock.now(),
    })
  })

  it('notes a use once a minute and what is proven, and nothing twice', async () => {
    const key = await on.store()
    const { version } = await on.row(key)
    const ask = async (purpose = 'positions') => text((await on.use(key, { purpose })).body)
    on.app.clock.advance(61_234)
    await ask()
    await expect.poll(async () => (await on.row(key)).last_validation).toBe('ok')
    const provenAt = on.app.clock.now()
    expect(await on.row(key)).toMatchObject({
      last_used_at: provenAt,
      last_validated_at: provenAt,
      version,
    })
    on.app.clock.advance(59_000)
    await ask()
    await expect.poll(() => ended(key)).toHaveLength(2)
    expect(await on.row(key)).toMatchObject({ last_used_at: provenAt })
    on.paper.answer((_request, response) => response.writeHead(429, { 'retry-after': '3' }).end())
    on.app.clock.advance(1_000)
    await ask()
    await expect.poll(async () => (await on.row(key)).last_used_at).toEqual(on.app.clock.now())
    expect(await on.row(key)).toMatchObject({ last_validation: 'ok', last_validated_at: provenAt })
    await ask('validate')
    await expect.poll(() => ended(key)).toHaveLength(4)
    expect((await on.row(key)).last_validation).toBe('ok')
  })

  it('serves 50 at once, each with a key of its own', async () => {
    const { owner } = await on.store()
    const keys = await Promise.all(Array.from({ length: 50 }, () => on.store({ owner })))
    on.paper.answer((request, response) =>
      response.end(JSON.stringify(String(request.headers['apca-api-key-id']))),
    )
    const answers = await Promise.all(
      keys.map(async (key) => JSON.parse(await text((await on.use(key)).body))),
    )
    expect(new Set(answers).size).toBe(50)
    expect(on.paper.received).toHaveLength(50)
    for (const key of keys) expect((await on.events(key))[0]).toMatchObject({ action: 'credential.used' })
  })

  it('says that a broker is unreachable whose port is closed', async () => {
    const alone = await vaultSetting(dialect)
    await alone.paper[Symbol.asyncDispose]()
    const key = await alone.store()
    await expect(alone.use(key)).rejects.toMatchObject(unreachable)
    const order = { method: 'POST', path: '/v2/orders' }
    await expect(alone.use(key, order, { body: Buffer.from('{}') })).rejects.toMatchObject(unreachable)
    await alone[Symbol.asyncDispose]()
  })
})
