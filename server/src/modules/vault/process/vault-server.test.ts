import { randomUUID } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { auditEvents } from '../../../platform/audit/audit.table.ts'
import { createSql } from '../../../platform/db/index.ts'
import { type BrokerDouble, providersAt, startBrokerDouble } from '../../../testing/broker-double.ts'
import { createMember } from '../../../testing/factories.ts'
import { startTestApp, type TestApp, type TestAppOptions } from '../../../testing/start-test-app.ts'
import { storeCredentialRow, storedCredential } from '../../../testing/stored-credential.ts'
import type { UseClaims } from './protocol.ts'

const PAIR = { apiKey: 'PKFAKE0123456789ABCD', secretKey: 'fake-secret-0123456789' }
const sql = createSql(auditEvents)
const eventsOf = sql.read((p: { id: string }) =>
  sql.from('audit_events').selectAll().where('object_id', '=', p.id).orderBy('seq'),
)

describe.each(['sqlite', 'postgres'] as const)('the vault on %s', (dialect) => {
  let app: TestApp
  let paper: BrokerDouble
  let live: BrokerDouble
  const start = async (vault: TestAppOptions['vault'] = {}) => {
    paper = await startBrokerDouble()
    live = await startBrokerDouble()
    const providers = providersAt(paper, live)
    app = await startTestApp({ dialect, vault: { providers, ...vault } })
    return app
  }
  afterEach(async () => {
    await app[Symbol.asyncDispose]()
    await paper[Symbol.asyncDispose]()
    await live[Symbol.asyncDispose]()
  })
  const place = () => {
    const { platform, vaultClient: client } = app.app
    return { db: platform.db, newId: platform.newId, client, now: app.clock.now() }
  }
  const stored = async (traits: Partial<Parameters<typeof storeCredentialRow>[1]> = {}) => {
    const { id: owner } = await createMember(app)
    return { owner, id: await storeCredentialRow(place(), { owner, pair: PAIR, ...traits }) }
  }
  const use = (
    { owner, id }: { owner: string; id: string },
    claims: Partial<UseClaims> = {},
    request: Parameters<typeof app.app.vaultClient.use>[1] = { headers: {} },
  ) =>
    app.app.vaultClient.use(
      {
        owner,
        credential: id,
        purpose: 'positions',
        method: 'GET',
        path: '/v2/positions',
        query: '?a=b',
        actor: { address: '203.0.113.9', requestId: 'r-1', tokenId: 'token-1' },
        ...claims,
      },
      request,
    )
  const events = (id: string) => eventsOf.all(app.app.platform.db.asSystem(), { id })

  it('asks the pinned host with the stored key, and hands the answer on', async () => {
    await start()
    const key = await stored()
    paper.answer((_request, response) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'x-ratelimit-remaining': '199',
        'set-cookie': 'a=b',
        location: 'https://elsewhere.example',
        'x-other': 'y',
      })
      response.end('[]')
    })
    const answer = await use(
      key,
      {},
      { headers: { accept: 'a/b', cookie: 'c=d', 'apca-api-key-id': 'mine' } },
    )
    expect(await text(answer.body)).toBe('[]')
    expect(answer).toMatchObject({ status: 200, outcome: 'ok' })
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'x-ratelimit-remaining': '199',
    })
    expect(Object.keys(answer.headers)).not.toEqual(expect.arrayContaining(['set-cookie']))
    for (const name of ['set-cookie', 'location', 'x-other', 'connection'])
      expect(answer.headers).not.toHaveProperty(name)
    expect(paper.received).toHaveLength(1)
    const [{ headers, ...asked } = { headers: {} }] = paper.received
    expect(asked).toEqual({ method: 'GET', url: '/v2/positions?a=b' })
    expect(headers).toMatchObject({
      accept: 'a/b',
      'apca-api-key-id': PAIR.apiKey,
      'apca-api-secret-key': PAIR.secretKey,
    })
    expect(headers).not.toHaveProperty('cookie')
    expect(headers).not.toHaveProperty('x-grant')
    expect(live.received).toEqual([])
    await expect.poll(() => events(key.id)).toHaveLength(2)
    expect(await events(key.id)).toMatchObject([
      {
        action: 'credential.used',
        actor_id: key.owner,
        address: '203.0.113.9',
        request_id: 'r-1',
        details: { purpose: 'positions', method: 'GET', path: '/v2/positions', token_id: 'token-1' },
      },
      { action: 'credential.use_ended', request_id: 'r-1', result: 'ok', details: { outcome: 'ok' } },
    ])
    await expect
      .poll(async () => (await storedCredential(app.app.platform.db, key.id)).last_validation)
      .toBe('ok')
  })

  it('finds nothing for another owner', async () => {
    await start()
    const key = await stored()
    await expect(use({ ...key, owner: randomUUID() })).rejects.toMatchObject({
      code: 'vault.credential_not_found',
    })
    expect(paper.received).toEqual([])
  })
})
