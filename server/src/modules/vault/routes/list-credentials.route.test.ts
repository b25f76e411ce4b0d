import type { CredentialView } from '@outcry/contract/vault'
import { expect, it } from 'vitest'
import { createPersonalToken, createSignedInMember } from '../../../testing/factories.ts'
import {
  createTradingAccount,
  forEachVaultApp,
  live,
  storeCredential,
  tryToStore,
} from '../../../testing/factories-vault.ts'
import { insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { countStored } from '../../../testing/stored-rows.ts'

const NOBODYS = '01890a5d-ac96-774b-bcce-b302099a8057'

forEachVaultApp('GET /credentials and GET /credentials/{id}', {}, (on) => {
  const list = (token: string, query = '') => on.app.send('GET', `/credentials${query}`, { token })
  const idsOf = ({ body }: { body: Record<string, unknown> }) =>
    (body.credentials as CredentialView[]).map(({ id }) => id)

  it('are closed to nobody and to personal access tokens', async () => {
    const owner = await createSignedInMember(on.app)
    const { id } = await storeCredential(on.app, owner)
    const { token } = await createPersonalToken(on.app, owner, { scopes: ['account:read', 'broker:read'] })
    for (const path of ['/credentials', `/credentials/${id}`]) {
      expect((await on.app.send('GET', path)).status).toBe(401)
      expect((await on.app.send('GET', path, { token })).status).toBe(403)
    }
  })

  it('show one to its owner with its ETag, and to others nothing', async () => {
    const [owner, other] = [await insertSignedInMember(on.app), await insertSignedInMember(on.app)]
    const stored = await storeCredential(on.app, owner, { nickname: 'Mine' })
    const read = (token: string, id: string) => on.app.send('GET', `/credentials/${id}`, { token })
    const seen = await read(owner.accessToken, stored.id)
    expect([seen.status, seen.body, seen.headers.get('etag')]).toEqual([200, stored, '"1"'])
    const foreign = await read(other.accessToken, stored.id)
    const bytes = ({ text, body }: typeof foreign) => text.replace(String(body.instance), '')
    expect([foreign.status, foreign.body.code]).toEqual([404, 'vault.credential_not_found'])
    for (const missing of [NOBODYS, '1', stored.id.toUpperCase()]) {
      expect(bytes(await read(other.accessToken, missing))).toBe(bytes(foreign))
    }
    const of = `actor_id = '${other.id}' and action = 'credential.read' and result = 'refused'`
    expect(await countStored(on.app, 'audit_events', of)).toBe(2)
    const named = await list(other.accessToken, `?account_id=${stored.account_id}`)
    expect([named.status, idsOf(named)]).toEqual([200, []])
  })

  it('list the latest first, by account, type and state, in pages of both kinds', async () => {
    const owner = await insertSignedInMember(on.app)
    const token = owner.accessToken
    const [first, second] = [
      await createTradingAccount(on.app, owner),
      await createTradingAccount(on.app, owner),
    ]
    const store = async (body: Readonly<Record<string, unknown>>) => {
      on.app.clock.advance(1)
      return (await storeCredential(on.app, owner, body)).id
    }
    const a = await store({ account_id: first })
    const b = await store({ account_id: first, ...live() })
    const c = await store({ account_id: second })
    await on.app.send('PUT', `/credentials/${c}`, { token, body: { is_active: false } })
    const all = await list(token)
    expect(all.body).toMatchObject({ status: 'success', count: 3, total: 3, skip: 0, limit: 20 })
    expect(all.body.items).toEqual(all.body.credentials)
    expect(idsOf(all)).toEqual([c, b, a])
    const filters: [string, string[]][] = [
      [`?account_id=${first}`, [b, a]],
      ['?credential_type=alpaca_live', [b]],
      ['?credential_type=unheard_of', []],
      ['?is_active=false', [c]],
      [`?is_active=true&account_id=${first}&credential_type=alpaca_paper`, [a]],
      ['?skip=1&limit=1', [b]],
    ]
    for (const [query, ids] of filters) expect([query, idsOf(await list(token, query))]).toEqual([query, ids])
    const one = await list(token, '?limit=2')
    const two = await list(token, `?limit=2&cursor=${String(one.body.next_cursor)}`)
    expect([idsOf(one), idsOf(two), two.body.next_cursor]).toEqual([[c, b], [a], null])
    expect(two.body.total).toBeUndefined()
    const others = await list(token, `?limit=2&is_active=true&cursor=${String(one.body.next_cursor)}`)
    expect([others.status, others.body.code]).toEqual([400, 'vault.cursor_invalid'])
  })

  it.each([
    ['?limit=0', 'query.limit'],
    ['?limit=101', 'query.limit'],
    ['?skip=-1', 'query.skip'],
    ['?account_id=mine', 'query.account_id'],
    ['?is_active=perhaps', 'query.is_active'],
    ['?credential_type=', 'query.credential_type'],
  ])('refuse %s with 422', async (query, path) => {
    const { status, body } = await list((await insertSignedInMember(on.app)).accessToken, query)
    expect([status, body.errors]).toEqual([422, [{ path, message: expect.any(String) }]])
  })

  it('open none of fifty, and ask the vault process nothing', async () => {
    const owner = await insertSignedInMember(on.app)
    const account_id = await createTradingAccount(on.app, owner)
    for (let done = 0; done < 50; done += 10) {
      await Promise.all(Array.from({ length: 10 }, () => tryToStore(on.app, owner, { account_id })))
    }
    const opened = () => countStored(on.app, 'audit_events', `action = 'credential.used'`)
    const { vaultClient: client } = on.app.app
    let asked = 0
    const { use, seal } = client
    Object.assign(client, {
      use: (...args: Parameters<typeof use>) => ++asked && use(...args),
      seal: (...args: Parameters<typeof seal>) => ++asked && seal(...args),
    })
    const before = await opened()
    const answer = await list(owner.accessToken, '?limit=100')
    Object.assign(client, { use, seal })
    expect(answer.body).toMatchObject({ count: 50, total: 50 })
    expect([asked, await opened()]).toEqual([0, before])
  })
})
