import { expect, it } from 'vitest'
import { createSignedInMember } from './factories.ts'
import type { AppFixture } from './start-test-app.ts'

/** A list of a member's own, and the ids in it in their order. */
export interface OwnList {
  readonly token: string
  readonly ids: readonly string[]
}

/** Where the list is, and how somebody comes to have so many rows in it, several of one moment. */
export interface PagedRoute {
  readonly path: string
  prepare(count: number): Promise<OwnList>
}

/** The tests that every list of what a member has of their own passes, whose rows are ended by `DELETE {path}/{id}`. */
export function testOwnPages(on: AppFixture, { path, prepare }: PagedRoute): void {
  const read = async (token: string, query: string) => {
    const { status, body } = await on.app.send('GET', `${path}?${query}`, { token })
    return { status, body, ids: ((body.items ?? []) as { id: string }[]).map(({ id }) => id) }
  }

  it.each(['limit=0', 'limit=101', 'limit=ten', 'skip=-1', 'cursor='])(
    'refuses %s with 422',
    async (query) => {
      const { accessToken } = await createSignedInMember(on.app)
      expect((await read(accessToken, query)).status).toBe(422)
    },
  )

  it('answers pages by skip and limit, and the same rows by cursor', async () => {
    const { token, ids } = await prepare(5)
    const whole = await read(token, '')
    expect(whole.ids).toEqual(ids)
    expect(whole.body).toMatchObject({ total: 5, skip: 0, limit: 20, next_cursor: null })
    const part = await read(token, 'skip=1&limit=2')
    expect(part.ids).toEqual(ids.slice(1, 3))
    expect(part.body).toMatchObject({ total: 5, skip: 1, limit: 2, next_cursor: expect.any(String) })
    const beyond = await read(token, 'skip=5')
    expect(beyond.body).toEqual({ items: [], total: 5, skip: 5, limit: 20, next_cursor: null })
    const walked = [...(await read(token, 'limit=2')).ids]
    let next: unknown = (await read(token, 'limit=2')).body.next_cursor
    while (typeof next === 'string') {
      const page = await read(token, `limit=2&cursor=${next}`)
      expect(Object.keys(page.body).sort()).toEqual(['items', 'limit', 'next_cursor'])
      expect(page.ids.length).toBeGreaterThan(0)
      walked.push(...page.ids)
      next = page.body.next_cursor
    }
    expect(walked).toEqual(ids)
  })

  it('goes on where a cursor led to, though what stood there is gone', async () => {
    const { token, ids } = await prepare(4)
    const { body } = await read(token, 'limit=2')
    expect((await on.app.send('DELETE', `${path}/${ids[1]}`, { token })).status).toBe(200)
    expect((await read(token, `cursor=${String(body.next_cursor)}`)).ids).toEqual(ids.slice(2))
  })

  it('refuses a cursor that was changed, or made for somebody else, with 400', async () => {
    const { token } = await prepare(2)
    const other = await prepare(2)
    const cursor = String((await read(token, 'limit=1')).body.next_cursor)
    for (const [who, sent] of [
      [token, 'x'],
      [token, cursor.slice(0, -1)],
      [other.token, cursor],
    ] as const) {
      const { status, body } = await read(who, `cursor=${sent}`)
      expect([status, body.code]).toEqual([400, 'accounts.cursor_invalid'])
    }
    expect((await read(token, `cursor=${cursor}`)).status).toBe(200)
  })
}
