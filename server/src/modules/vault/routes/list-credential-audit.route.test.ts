import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { useEnded, useRefused, useStarted } from '../../../modules/vault/protocol/use-entries.ts'
import type { AuditEntry } from '../../../platform/audit/audit.ts'
import { providersAt, startBrokerDouble } from '../../../testing/broker-double.ts'
import { createPersonalToken } from '../../../testing/factories.ts'
import { type ActingMember, insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { type Answer, forEachApp, startTestApp } from '../../../testing/start-test-app.ts'
import { storeCredentialRow } from '../../../testing/stored-credential.ts'
import { countStored } from '../../../testing/stored-rows.ts'
import type { UseClaims } from '../protocol/protocol.ts'

const NOWHERE = '01890a5d-ac96-774b-bcce-b302099a8057'
let pairs = 0
const newPair = () => ({ apiKey: `PKFAKE${++pairs}`, secretKey: `fake-secret-${pairs}` })

interface Item {
  readonly action: string
  readonly request_id: string
  readonly outcome: string | null
  readonly purpose: string | null
}
const itemsOf = ({ body }: Answer) => body.items as Item[]

forEachApp('GET /credentials/{id}/audit', {}, (on) => {
  const list = (id: string, token?: string, query = '') =>
    on.app.send('GET', `/credentials/${id}/audit?${query}`, token === undefined ? {} : { token })

  /** A member with a stored credential, and nothing in the log about it yet. */
  const withCredential = async (): Promise<ActingMember & { readonly credential: string }> => {
    const owner = await insertSignedInMember(on.app)
    const { platform, vaultClient: client } = on.app.app
    const place = { db: platform.db, newId: platform.newId, client, now: on.app.clock.now() }
    return { ...owner, credential: await storeCredentialRow(place, { owner: owner.id, pair: newPair() }) }
  }

  const claimsOf = (
    { id, credential }: { id: string; credential: string },
    requestId: string,
    more: Partial<UseClaims> = {},
  ): UseClaims => ({
    operation: 'use',
    owner: id,
    credential,
    purpose: 'positions',
    method: 'GET',
    path: '/v2/positions',
    query: '',
    actor: { requestId, address: '2001:db8::7', tokenId: NOWHERE },
    ...more,
  })

  const record = async (...entries: AuditEntry[]) => {
    const { db, audit } = on.app.app.platform
    for (const entry of entries) {
      on.app.clock.advance(1)
      await db.withSystem((tx) => audit.record(tx, entry))
    }
  }

  it('refuses strangers to the service and personal access tokens', async () => {
    const owner = await withCredential()
    expect((await list(owner.credential)).status).toBe(401)
    expect((await list(owner.credential, 'nonsense')).status).toBe(401)
    const { token } = await createPersonalToken(on.app, owner, { scopes: ['account:read', 'broker:read'] })
    expect((await list(owner.credential, token)).status).toBe(403)
  })

  it('answers 404 for another member’s credential, and for none', async () => {
    const owner = await withCredential()
    const other = await withCredential()
    await record(useStarted(claimsOf(owner, 'r-1')))
    const foreign = await list(owner.credential, other.accessToken)
    const missing = await list(NOWHERE, other.accessToken)
    const malformed = await list('x', other.accessToken)
    for (const answer of [foreign, missing, malformed])
      expect([answer.status, answer.body.code]).toEqual([404, 'vault.credential_not_found'])
  })

  it('C76: is read by the owner of a deleted key, from its deletion back to its first use', async () => {
    const owner = await withCredential()
    const token = owner.accessToken
    const claims = claimsOf(owner, 'r-1')
    await record(useStarted(claims), useEnded(claims, 'ok'))
    const before = await list(owner.credential, token)
    expect((await on.app.send('DELETE', `/credentials/${owner.credential}`, { token })).status).toBe(204)
    const after = await list(owner.credential, token)
    expect([after.status, after.body.total]).toEqual([200, 2])
    const [deletion, ...earlier] = itemsOf(after)
    expect(deletion).toMatchObject({ action: 'credential.deleted', outcome: 'ok', actor_id: owner.id })
    expect(earlier).toEqual(itemsOf(before))
    const paged = await list(owner.credential, token, 'limit=1')
    const rest = await list(owner.credential, token, `limit=1&cursor=${String(paged.body.next_cursor)}`)
    expect([...itemsOf(paged), ...itemsOf(rest)]).toEqual(itemsOf(after))
    expect(itemsOf(await list(owner.credential, token))).toEqual(itemsOf(after))
  })

  it('C76: of a deleted key is not there for anybody else, whatever their role, nor for a token', async () => {
    const owner = await withCredential()
    const { credential, accessToken } = owner
    const claims = claimsOf(owner, 'r-1')
    await record(useStarted(claims), useEnded(claims, 'ok'))
    await on.app.send('DELETE', `/credentials/${credential}`, { token: accessToken })
    const seen = itemsOf(await list(credential, accessToken))
    const bytes = ({ status, text: answer, body }: Answer) =>
      `${status} ${answer.replace(String(body.instance), '')}`
    for (const role of ['user', 'moderator', 'admin', 'super_admin'] as const) {
      const { accessToken: token } = await insertSignedInMember(on.app, { role })
      const foreign = await list(credential, token)
      expect([role, foreign.status, foreign.body.code]).toEqual([role, 404, 'vault.credential_not_found'])
      expect(bytes(foreign)).toBe(bytes(await list(NOWHERE, token)))
    }
    const { token } = await createPersonalToken(on.app, owner, { scopes: ['account:read', 'broker:read'] })
    expect((await list(credential, token)).status).toBe(403)
    expect((await list(credential)).status).toBe(401)
    expect(itemsOf(await list(credential, accessToken))).toEqual(seen)
  })

  it('goes with its trading account, and stays in the log', async () => {
    const owner = await withCredential()
    const token = owner.accessToken
    await record(useStarted(claimsOf(owner, 'r-1')))
    const { account_id } = (await on.app.send('GET', `/credentials/${owner.credential}`, { token })).body
    expect((await on.app.send('DELETE', `/credentials/${owner.credential}`, { token })).status).toBe(204)
    expect((await on.app.send('DELETE', `/accounts/${String(account_id)}`, { token })).status).toBe(200)
    expect((await list(owner.credential, token)).status).toBe(404)
    const kept = `object_id = '${owner.credential}' and action = 'credential.used'`
    expect(await countStored(on.app, 'audit_events', kept)).toBe(1)
  })

  it('refuses bad paging with 422, and a cursor that is changed or of another list with 400', async () => {
    const owner = await withCredential()
    const other = await withCredential()
    await record(useStarted(claimsOf(owner, 'r-1')), useStarted(claimsOf(owner, 'r-2')))
    expect((await list(owner.credential, owner.accessToken, 'limit=101')).status).toBe(422)
    const { next_cursor } = (await list(owner.credential, owner.accessToken, 'limit=1')).body
    for (const answer of [
      await list(owner.credential, owner.accessToken, `cursor=${next_cursor}A`),
      await list(other.credential, other.accessToken, `cursor=${next_cursor}`),
    ])
      expect([answer.status, answer.body.code]).toEqual([400, 'vault.cursor_invalid'])
  })

  it('shows each use once, with how it ended, and leaves open what is not known', async () => {
    const owner = await withCredential()
    const [ok, failed, crashed] = ['ok', 'failed', 'crashed'].map((name) => claimsOf(owner, `r-${name}`))
    if (!ok || !failed || !crashed) throw new Error('There are three.')
    const gateway = claimsOf(owner, 'r-gateway', { purpose: 'gateway', path: '/v2/orders', method: 'POST' })
    await record(
      useStarted(ok),
      useStarted(crashed),
      useEnded(ok, 'ok'),
      useStarted(failed),
      useEnded(failed, 'rate_limited'),
      useRefused(gateway, 'trading_not_enabled'),
    )
    const answer = await list(owner.credential, owner.accessToken)
    expect(answer.status, answer.text).toBe(200)
    expect(answer.body).toMatchObject({ total: 4, skip: 0, limit: 20, next_cursor: null })
    const seen = itemsOf(answer).map(({ action, request_id, outcome }) => [action, request_id, outcome])
    expect(seen).toEqual([
      ['credential.refused', 'r-gateway', 'refused'],
      ['credential.used', 'r-failed', 'rate_limited'],
      ['credential.used', 'r-crashed', null],
      ['credential.used', 'r-ok', 'ok'],
    ])
    expect(itemsOf(answer)[3]).toEqual({
      id: expect.any(String),
      at: expect.stringMatching(/Z$/),
      action: 'credential.used',
      purpose: 'positions',
      actor_id: owner.id,
      session_id: null,
      token_id: NOWHERE,
      outcome: 'ok',
      address: '2001:db8::7',
      request_id: 'r-ok',
    })
  })

  it('tells apart the tries of one request, and never takes the end of another credential’s use', async () => {
    const owner = await withCredential()
    const other = await withCredential()
    const same = claimsOf(owner, 'r-same')
    const account = claimsOf(owner, 'r-same', { purpose: 'account', path: '/v2/account' })
    await record(
      useStarted(claimsOf(other, 'r-same')),
      useStarted(same),
      useEnded(claimsOf(other, 'r-same'), 'blocked'),
      useEnded(same, 'unreachable'),
      useStarted(account),
      useStarted(same),
      useEnded(same, 'ok'),
      useEnded(account, 'rejected'),
    )
    const seen = itemsOf(await list(owner.credential, owner.accessToken))
    expect(seen.map(({ purpose, outcome }) => [purpose, outcome])).toEqual([
      ['positions', 'ok'],
      ['account', 'rejected'],
      ['positions', 'unreachable'],
    ])
    const alone = itemsOf(await list(owner.credential, owner.accessToken, 'skip=2&limit=1'))
    expect(alone.map(({ outcome }) => outcome)).toEqual(['unreachable'])
  })

  it('reads on both ways through pages of the same entries', async () => {
    const owner = await withCredential()
    for (let i = 0; i < 7; i++) {
      const claims = claimsOf(owner, `r-${i}`)
      await record(useStarted(claims), useEnded(claims, 'ok'))
    }
    const expected = Array.from({ length: 7 }, (_, i) => `r-${6 - i}`)
    const requests = (answer: Answer) => itemsOf(answer).map(({ request_id }) => request_id)
    const bySkip: string[] = []
    for (const skip of [0, 3, 6])
      bySkip.push(...requests(await list(owner.credential, owner.accessToken, `skip=${skip}&limit=3`)))
    expect(bySkip).toEqual(expected)
    const byCursor: string[] = []
    let cursor = ''
    do {
      const page = await list(owner.credential, owner.accessToken, `limit=3${cursor}`)
      expect(itemsOf(page).every(({ outcome }) => outcome === 'ok')).toBe(true)
      byCursor.push(...requests(page))
      cursor = page.body.next_cursor === null ? '' : `&cursor=${String(page.body.next_cursor)}`
    } while (cursor !== '')
    expect(byCursor).toEqual(expected)
  })

  it('shows what the member did over HTTP', async () => {
    const owner = await withCredential()
    const rename = await on.app.send('PUT', `/credentials/${owner.credential}`, {
      token: owner.accessToken,
      body: { nickname: 'swing' },
    })
    expect(rename.status, rename.text).toBe(200)
    const [item] = itemsOf(await list(owner.credential, owner.accessToken))
    expect(item).toMatchObject({
      action: 'credential.renamed',
      purpose: null,
      actor_id: owner.id,
      session_id: expect.any(String),
      token_id: null,
      outcome: 'ok',
      address: expect.any(String),
      request_id: expect.any(String),
    })
  })
})

forEachApp('GET /credentials/{id}/audit of a busy key', {}, (on) => {
  it('goes back 10,000 entries by counting, and no further', async () => {
    const { accessToken: token, id } = await insertSignedInMember(on.app)
    const { platform, vaultClient: client } = on.app.app
    const place = { db: platform.db, newId: platform.newId, client, now: on.app.clock.now() }
    const credential = await storeCredentialRow(place, { owner: id, pair: newPair() })
    const list = async (skip: number) =>
      (await on.app.send('GET', `/credentials/${credential}/audit?skip=${skip}`, { token })).body
    expect(await list(10_000)).toMatchObject({ items: [], total: 0, next_cursor: null })
    expect(await list(Number.MAX_SAFE_INTEGER)).toMatchObject({ items: [], total: 0 })
  })
})

forEachApp('GET /credentials/{id}/audit with limits', { env: { OUTCRY_RATE_LIMITS: 'on' } }, (on) => {
  it('is read 60 times a minute', async () => {
    const { accessToken: token } = await insertSignedInMember(on.app)
    const read = () => on.app.send('GET', `/credentials/${NOWHERE}/audit`, { token })
    const statuses = (await Promise.all(Array.from({ length: 64 }, read))).map(({ status }) => status)
    expect(statuses.filter((status) => status === 429)).toHaveLength(4)
  })
})

it('shows a use as the vault process wrote it', async () => {
  await using paper = await startBrokerDouble()
  const providers = providersAt(paper, paper)
  await using app = await startTestApp({ dialect: 'sqlite', vault: { providers } })
  const owner = await insertSignedInMember(app)
  const { platform, vaultClient: client } = app.app
  const place = { db: platform.db, newId: platform.newId, client, now: app.clock.now() }
  const credential = await storeCredentialRow(place, { owner: owner.id, pair: newPair() })
  const answer = await client.use(
    {
      owner: owner.id,
      credential,
      purpose: 'account',
      method: 'GET',
      path: '/v2/account',
      query: '',
      actor: { requestId: 'r-9', address: '203.0.113.9' },
    },
    { headers: {} },
  )
  await text(answer.body)
  const read = async () =>
    itemsOf(await app.send('GET', `/credentials/${credential}/audit`, { token: owner.accessToken }))[0]
  await expect.poll(read).toMatchObject({
    action: 'credential.used',
    purpose: 'account',
    outcome: 'ok',
    request_id: 'r-9',
    address: '203.0.113.9',
  })
})
