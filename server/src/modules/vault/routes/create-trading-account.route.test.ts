import { expect, it } from 'vitest'
import { changeMember, createPersonalToken, createSignedInMember } from '../../../testing/factories.ts'
import { insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

forEachApp('POST /accounts and /accounts/get-or-create', {}, (on) => {
  const paths = ['/accounts', '/accounts/get-or-create']
  const post = (token: string, path: string, body: unknown) => on.app.send('POST', path, { token, body })
  const accountsOf = (id: string) => storedRows(on.app, 'user_accounts', `user_id = '${id}'`)

  it('are closed to nobody, suspended members and personal access tokens', async () => {
    const owner = await createSignedInMember(on.app)
    const { token } = await createPersonalToken(on.app, owner, { scopes: ['account:write'] })
    for (const path of paths) {
      expect((await on.app.send('POST', path, { body: { account_name: 'x' } })).status).toBe(401)
      expect((await post(token, path, { account_name: 'x' })).status).toBe(403)
    }
    await changeMember(on.app, owner.id, { status: 'suspended' })
    for (const path of paths) {
      expect((await post(owner.accessToken, path, { account_name: 'x' })).status).toBe(403)
    }
    expect(await accountsOf(owner.id)).toEqual([])
  })

  it.each(['', '   ', '\u200b', 'a'.repeat(256), 'a\u0000b', 'a\nb', 'a\u202eb', '\ud800', 7, null])(
    'refuse the name %j',
    async (account_name) => {
      const { id, accessToken } = await insertSignedInMember(on.app)
      for (const path of paths) {
        const { status, body } = await post(accessToken, path, { account_name })
        expect([path, status, body.errors]).toMatchObject([path, 422, [{ path: 'body.account_name' }]])
      }
      expect(await accountsOf(id)).toEqual([])
    },
  )

  it('take the path of a collection with a slash at its end too', async () => {
    const { id, accessToken } = await insertSignedInMember(on.app)
    expect((await on.app.send('POST', '/accounts/', { body: { account_name: 'x' } })).status).toBe(401)
    expect((await post(accessToken, '/accounts/', { account_name: 'x' })).status).toBe(201)
    expect(await accountsOf(id)).toHaveLength(1)
    for (const path of ['/accounts', '/credentials', '/users']) {
      const [bare, slashed] = await Promise.all(
        [path, `${path}/`].map((each) => on.app.send('GET', each, { token: accessToken })),
      )
      expect([bare?.status, slashed?.status, slashed?.text]).toEqual([200, 200, bare?.text])
    }
  })

  it('make an account, several of one name too', async () => {
    const { id, accessToken } = await insertSignedInMember(on.app)
    const name = 'é'.repeat(255)
    const { status, body } = await post(accessToken, '/accounts', {
      account_name: name,
      user_id: 'me',
      id: 'x',
    })
    const now = on.app.clock.now().toISOString()
    expect([status, body]).toEqual([
      201,
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        created_at: now,
        updated_at: now,
        user_id: id,
        account_name: name,
        is_active: true,
      },
    ])
    expect((await post(accessToken, '/accounts', { account_name: name })).status).toBe(201)
    const entries = await storedRows(on.app, 'audit_events', `object_id = '${String(body.id)}'`)
    expect(entries).toMatchObject([{ action: 'trading_account.created', result: 'ok', actor_id: id }])
  })

  it('find the oldest account of a name, or of any, and make what is not there', async () => {
    const { id, accessToken } = await insertSignedInMember(on.app)
    const ask = async (body: object) => (await post(accessToken, '/accounts/get-or-create', body)).body
    const first = await ask({})
    expect(first).toMatchObject({ created: true, account: { account_name: 'Trading', user_id: id } })
    on.app.clock.advance(1)
    const named = await ask({ account_name: 'Swing' })
    expect(named).toMatchObject({ created: true, account: { account_name: 'Swing' } })
    expect(await ask({ account_name: 'Swing' })).toEqual({ ...named, created: false })
    expect(await ask({})).toEqual({ ...first, created: false })
    expect(await accountsOf(id)).toHaveLength(2)
  })

  it.each([{}, { account_name: 'Swing' }])('make one for 20 who ask at once with %j', async (body) => {
    const { id, accessToken } = await insertSignedInMember(on.app)
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => post(accessToken, '/accounts/get-or-create', body)),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(answers.filter((answer) => answer.body.created)).toHaveLength(1)
    expect(new Set(answers.map((answer) => (answer.body.account as { id: string }).id)).size).toBe(1)
    expect(await accountsOf(id)).toHaveLength(1)
  })

  it('make at most a hundred', async () => {
    const { id, accessToken } = await insertSignedInMember(on.app)
    const postAtOnce = (count: number) =>
      Promise.all(Array.from({ length: count }, () => post(accessToken, '/accounts', { account_name: 'x' })))
    for (let done = 0; done < 90; done += 10) {
      expect((await postAtOnce(10)).map(({ status }) => status)).toEqual(Array(10).fill(201))
    }
    const answers = await postAtOnce(20)
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array(10).fill(201),
      ...Array(10).fill(422),
    ])
    const refused = await post(accessToken, '/accounts/get-or-create', { account_name: 'new' })
    expect([refused.status, refused.body.code]).toEqual([422, 'vault.too_many_accounts'])
    expect(refused.body.errors).toEqual([{ path: 'body.account_name', message: refused.body.detail }])
    expect(await countStored(on.app, 'user_accounts', `user_id = '${id}'`)).toBe(100)
  })
})
