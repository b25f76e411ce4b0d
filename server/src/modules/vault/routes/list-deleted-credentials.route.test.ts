import { expect, it } from 'vitest'
import { insertRow } from '../../../platform/db/index.ts'
import { MINUTE } from '../../../platform/durations.ts'
import { createPersonalToken } from '../../../testing/factories.ts'
import {
  createTradingAccount,
  forEachVaultApp,
  live,
  newPair,
  storeCredential,
} from '../../../testing/factories-vault.ts'
import { type ActingMember, insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import type { Answer } from '../../../testing/start-test-app.ts'
import { userCredentials } from '../credential.table.ts'
import { sql } from '../vault.tables.ts'

const insertCredential = insertRow(sql, userCredentials)
const byId = sql.read((p: { id: string }) => sql.from('user_credentials').selectAll().where('id', '=', p.id))
const itemsOf = ({ body }: Answer) => body.items as { readonly id: string; readonly nickname: string }[]

forEachVaultApp('GET /credentials/deleted', {}, (on) => {
  const list = (token: string, query = '') => on.app.send('GET', `/credentials/deleted?${query}`, { token })
  const remove = async ({ accessToken: token }: ActingMember, id: string) => {
    on.app.clock.advance(1)
    const { status, text } = await on.app.send('DELETE', `/credentials/${id}`, { token })
    expect(status, text).toBe(204)
  }

  const insertMoreLike = async (id: string, count: number) => {
    const { db, newId } = on.app.app.platform
    const row = await byId.first(db.asSystem(), { id })
    if (!row) throw new Error('There is no such row.')
    await db.withSystem((tx) =>
      Promise.all(Array.from({ length: count }, () => insertCredential(tx, { ...row, id: newId() }))),
    )
  }

  it('refuses strangers to the service and personal access tokens', async () => {
    const owner = await insertSignedInMember(on.app)
    expect((await list('')).status).toBe(401)
    const { token } = await createPersonalToken(on.app, owner, { scopes: ['account:read', 'broker:read'] })
    expect((await list(token)).status).toBe(403)
  })

  it('shows what a key was called, where it traded and when it was deleted, and nothing of the pair', async () => {
    const owner = await insertSignedInMember(on.app)
    const pair = newPair('live')
    const stored = await storeCredential(on.app, owner, { ...live(), ...pair, nickname: 'Retirement' })
    on.app.clock.advance(MINUTE)
    await remove(owner, stored.id)
    const answer = await list(owner.accessToken)
    expect(answer.body).toEqual({
      items: [
        {
          id: stored.id,
          created_at: stored.created_at,
          deleted_at: on.app.clock.now().toISOString(),
          account_id: stored.account_id,
          credential_type: 'alpaca_live',
          nickname: 'Retirement',
          environment: 'live',
          key_hint: stored.key_hint,
        },
      ],
      total: 1,
      skip: 0,
      limit: 20,
      next_cursor: null,
    })
    for (const half of Object.values(pair)) expect(answer.text).not.toContain(half)
  })

  it('is of the member alone, and of deleted keys alone', async () => {
    const [owner, other] = [await insertSignedInMember(on.app), await insertSignedInMember(on.app)]
    const kept = await storeCredential(on.app, owner)
    const gone = await storeCredential(on.app, owner)
    const foreign = await storeCredential(on.app, other)
    await remove(owner, gone.id)
    await remove(other, foreign.id)
    expect(itemsOf(await list(owner.accessToken)).map(({ id }) => id)).toEqual([gone.id])
    const { body } = await on.app.send('GET', '/credentials', { token: owner.accessToken })
    expect(body).toMatchObject({ total: 1, items: [{ id: kept.id }] })
    for (const role of ['moderator', 'admin'] as const) {
      const { accessToken } = await insertSignedInMember(on.app, { role })
      expect((await list(accessToken)).body).toMatchObject({ items: [], total: 0 })
    }
  })

  it('is in the order of the deletions, the latest first, page by page both ways', async () => {
    const owner = await insertSignedInMember(on.app)
    const account_id = await createTradingAccount(on.app, owner)
    const ids: string[] = []
    for (let n = 0; n < 5; n++) ids.push((await storeCredential(on.app, owner, { account_id })).id)
    const [a = '', b = '', c = '', d = '', e = ''] = ids
    for (const id of [c, a, e, b, d]) await remove(owner, id)
    const latestFirst = [d, b, e, a, c]
    const read = async (query: string) => itemsOf(await list(owner.accessToken, query)).map(({ id }) => id)
    expect(await read('')).toEqual(latestFirst)
    expect([...(await read('skip=0&limit=3')), ...(await read('skip=3&limit=3'))]).toEqual(latestFirst)
    const first = await list(owner.accessToken, 'limit=2')
    const cursor = String(first.body.next_cursor)
    const second = await list(owner.accessToken, `limit=2&cursor=${cursor}`)
    const third = await list(owner.accessToken, `limit=2&cursor=${String(second.body.next_cursor)}`)
    expect([first, second, third].flatMap(itemsOf).map(({ id }) => id)).toEqual(latestFirst)
    expect(third.body.next_cursor).toBeNull()
    const other = await insertSignedInMember(on.app)
    for (const answer of [
      await list(other.accessToken, `cursor=${cursor}`),
      await list(owner.accessToken, `cursor=${cursor}A`),
    ])
      expect([answer.status, answer.body.code]).toEqual([400, 'vault.cursor_invalid'])
    expect((await list(owner.accessToken, 'limit=101')).status).toBe(422)
  })

  it('goes back 10,000 keys by counting and no further, and a cursor leads behind them', async () => {
    const owner = await insertSignedInMember(on.app)
    const token = owner.accessToken
    const model = await storeCredential(on.app, owner)
    await remove(owner, model.id)
    await insertMoreLike(model.id, 10_000)
    const last = await list(token, 'skip=9999&limit=1')
    expect(last.body).toMatchObject({ total: 10_000, skip: 9_999 })
    expect(itemsOf(last)).toHaveLength(1)
    expect((await list(token, 'skip=10000')).body).toMatchObject({
      ...{ items: [], total: 10_000, next_cursor: null },
    })
    const behind = await list(token, `limit=1&cursor=${String(last.body.next_cursor)}`)
    expect([itemsOf(behind).length, behind.body.next_cursor]).toEqual([1, null])
  })

  it('loses what was in a trading account that is deleted', async () => {
    const owner = await insertSignedInMember(on.app)
    const token = owner.accessToken
    const [kept, gone] = [await storeCredential(on.app, owner), await storeCredential(on.app, owner)]
    await remove(owner, kept.id)
    await remove(owner, gone.id)
    expect((await on.app.send('DELETE', `/accounts/${gone.account_id}`, { token })).status).toBe(200)
    expect(itemsOf(await list(token)).map(({ id }) => id)).toEqual([kept.id])
  })
})
