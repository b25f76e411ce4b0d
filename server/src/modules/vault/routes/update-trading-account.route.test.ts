import { expect, it } from 'vitest'
import { createTradingAccount } from '../../../testing/factories-vault.ts'
import { insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'
import { storedRows } from '../../../testing/stored-rows.ts'

const NOBODYS = '01890a5d-ac96-774b-bcce-b302099a8057'

forEachApp('GET /accounts, GET and PATCH /accounts/{id}', {}, (on) => {
  const rowOf = async (id: string) => (await storedRows(on.app, 'user_accounts', `id = '${id}'`))[0]

  it('are closed to nobody, and to other members as if the account were not there', async () => {
    const [owner, other] = [await insertSignedInMember(on.app), await insertSignedInMember(on.app)]
    const id = await createTradingAccount(on.app, owner)
    const before = await rowOf(id)
    for (const method of ['GET', 'PATCH']) {
      const body = method === 'GET' ? {} : { body: { account_name: 'Stolen' } }
      const send = (token: string, of: string) => on.app.send(method, `/accounts/${of}`, { token, ...body })
      expect((await send('', id)).status).toBe(401)
      const foreign = await send(other.accessToken, id)
      expect([foreign.status, foreign.body.code]).toEqual([404, 'vault.account_not_found'])
      const bytes = (answer: typeof foreign) => answer.text.replace(String(answer.body.instance), '')
      for (const missing of [NOBODYS, 'none']) {
        expect(bytes(await send(other.accessToken, missing))).toBe(bytes(foreign))
      }
    }
    expect(await rowOf(id)).toEqual(before)
    const list = await on.app.send('GET', '/accounts', { token: other.accessToken })
    expect(list.body).toMatchObject({ items: [], total: 0 })
    const refusals = await storedRows(on.app, 'audit_events', `actor_id = '${other.id}'`)
    expect(refusals.map(({ action, result }) => `${action} ${result}`)).toEqual([
      'trading_account.read refused',
      'trading_account.read refused',
      'trading_account.changed refused',
      'trading_account.changed refused',
    ])
    expect((await on.app.send('GET', '/accounts')).status).toBe(401)
  })

  it.each<[object, string]>([
    [{}, '400 vault.nothing_given'],
    [{ user_id: NOBODYS }, '400 vault.nothing_given'],
    [{ account_name: '' }, '422 body.account_name'],
    [{ account_name: 'a\u202eb' }, '422 body.account_name'],
    [{ is_active: 'no' }, '422 body.is_active'],
  ])('refuse the change %j', async (body, told) => {
    const owner = await insertSignedInMember(on.app)
    const id = await createTradingAccount(on.app, owner)
    const answer = await on.app.send('PATCH', `/accounts/${id}`, { token: owner.accessToken, body })
    const [error] = (answer.body.errors ?? []) as { path: string }[]
    expect(`${answer.status} ${error?.path ?? answer.body.code}`).toBe(told)
    expect((await rowOf(id))?.account_name).toBe('Desk')
  })

  it('change what is given, and show it', async () => {
    const owner = await insertSignedInMember(on.app)
    const token = owner.accessToken
    const id = await createTradingAccount(on.app, owner)
    on.app.clock.advance(1_000)
    const renamed = await on.app.send('PATCH', `/accounts/${id}`, { token, body: { account_name: 'Swing' } })
    expect([renamed.status, renamed.body]).toMatchObject([200, { account_name: 'Swing', is_active: true }])
    expect(renamed.body.updated_at).toBe(on.app.clock.now().toISOString())
    const closed = await on.app.send('PATCH', `/accounts/${id}`, { token, body: { is_active: false } })
    expect(closed.body).toMatchObject({ account_name: 'Swing', is_active: false })
    expect((await on.app.send('GET', `/accounts/${id}`, { token })).body).toEqual(closed.body)
  })

  it('list the latest first, in pages of both kinds', async () => {
    const owner = await insertSignedInMember(on.app)
    const token = owner.accessToken
    const ids: string[] = []
    for (const name of ['a', 'b', 'c']) {
      on.app.clock.advance(1)
      ids.unshift(await createTradingAccount(on.app, owner, name))
    }
    const list = (query: string) => on.app.send('GET', `/accounts${query}`, { token })
    const idsOf = ({ body }: { body: Record<string, unknown> }) =>
      (body.items as { id: string }[]).map(({ id }) => id)
    const all = await list('')
    expect([idsOf(all), all.body.total, all.body.skip]).toEqual([ids, 3, 0])
    const one = await list('?limit=2')
    const two = await list(`?limit=2&cursor=${String(one.body.next_cursor)}`)
    expect([...idsOf(one), ...idsOf(two)]).toEqual(ids)
    expect(idsOf(await list('?skip=1&limit=1'))).toEqual([ids[1]])
    const tampered = await list('?cursor=nonsense')
    expect([tampered.status, tampered.body.code]).toEqual([400, 'vault.cursor_invalid'])
    expect((await list('?limit=101')).status).toBe(422)
  })
})
