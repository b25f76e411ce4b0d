import { expect, it } from 'vitest'
import { changeMember, createPersonalToken, insertMembers, relate } from '../../../testing/factories.ts'
import { insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { type Answer, forEachApp } from '../../../testing/start-test-app.ts'
import { storedRows } from '../../../testing/stored-rows.ts'

interface Item {
  readonly id: string
  readonly created_at: string
  readonly follower: Record<string, unknown>
}
const itemsOf = ({ body }: Answer) => body.items as Item[]
const askersOf = (answer: Answer) => itemsOf(answer).map(({ follower }) => follower.id)

forEachApp('GET /users/me/follow-requests', {}, (on) => {
  const list = (token?: string, query = '') =>
    on.app.send('GET', `/users/me/follow-requests?${query}`, token === undefined ? {} : { token })
  const withRequests = async (count: number) => {
    const owner = await insertSignedInMember(on.app, { privacy_level: 'private' })
    const askers = await insertMembers(on.app, count)
    for (const follower of askers) {
      on.app.clock.advance(1)
      await relate(on.app, { follower, following: owner, isAccepted: false })
    }
    return { owner, askers, ids: askers.map(({ id }) => id).reverse() }
  }

  it('refuses strangers to the service and tokens without its scope', async () => {
    const { owner } = await withRequests(1)
    expect((await list()).status).toBe(401)
    expect((await list('nonsense')).status).toBe(401)
    const { token } = await createPersonalToken(on.app, owner, { scopes: ['social:write'] })
    expect((await list(token)).body.code).toBe('http.insufficient_scope')
  })

  it('refuses bad paging with 422, and a cursor that is changed or another member’s with 400', async () => {
    const { owner } = await withRequests(2)
    const other = await withRequests(2)
    expect((await list(owner.accessToken, 'limit=101')).status).toBe(422)
    const { next_cursor } = (await list(owner.accessToken, 'limit=1')).body
    for (const answer of [
      await list(owner.accessToken, `cursor=${next_cursor}A`),
      await list(other.owner.accessToken, `cursor=${next_cursor}`),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([400, 'accounts.cursor_invalid'])
    }
  })

  it('answers the caller’s own requests that wait, newest first', async () => {
    const { app } = on
    const { owner, ids } = await withRequests(5)
    await withRequests(2)
    const [accepted, asked] = await insertMembers(app, 2)
    if (!accepted || !asked) throw new Error('No members were made.')
    await relate(app, { follower: accepted, following: owner })
    await relate(app, { follower: owner, following: asked, isAccepted: false })
    const answer = await list(owner.accessToken)
    expect(askersOf(answer)).toEqual(ids)
    expect(answer.body).toMatchObject({ total: 5, skip: 0, limit: 20, next_cursor: null })
    const [item] = itemsOf(answer)
    expect(Object.keys(item ?? {}).sort()).toEqual(['created_at', 'follower', 'id', 'updated_at'])
    const [row] = await storedRows(app, 'follows', `id = '${item?.id}'`)
    expect(row?.follower_id).toBe(ids[0])
    expect(answer.text).not.toContain('@example.test')
    const first = await list(owner.accessToken, 'limit=3')
    const second = await list(owner.accessToken, `limit=3&cursor=${first.body.next_cursor}`)
    expect([...askersOf(first), ...askersOf(second)]).toEqual(ids)
  })

  it('leaves out who is not active any more, from the total too', async () => {
    const { owner, askers, ids } = await withRequests(3)
    await changeMember(on.app, askers[0]?.id ?? '', { status: 'banned' })
    const answer = await list(owner.accessToken)
    expect(askersOf(answer)).toEqual(ids.slice(0, 2))
    expect(answer.body.total).toBe(2)
  })
})
