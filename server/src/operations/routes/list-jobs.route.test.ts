import { expect, it } from 'vitest'
import { type DoomedJobs, doomedJobs } from '../../testing/doomed-jobs.ts'
import { createSignedInMember } from '../../testing/factories.ts'
import { forEachApp } from '../../testing/start-test-app.ts'

forEachApp('GET /admin/jobs', {}, (on) => {
  let doomed: DoomedJobs | undefined
  const jobs = () => (doomed ??= doomedJobs(on.app))
  const list = (token?: string, query = '') =>
    on.app.send('GET', `/admin/jobs${query}`, token === undefined ? {} : { token })
  const admin = () => createSignedInMember(on.app, { role: 'admin' })

  it('is for administrators', async () => {
    expect((await list()).status).toBe(401)
    const { accessToken } = await createSignedInMember(on.app, { role: 'moderator' })
    expect((await list(accessToken)).status).toBe(403)
  })

  it('lists nothing while nothing was given up', async () => {
    const { accessToken: token } = await admin()
    const { status, body } = await list(token, '?state=dead')
    expect([status, body]).toEqual([200, { items: [], total: 0, skip: 0, limit: 20, next_cursor: null }])
    expect((await list(token, '?state=waiting')).status).toBe(422)
  })

  it('lists what was given up, the latest first, and says why without what it was about', async () => {
    const { accessToken: token } = await admin()
    jobs().failWith(new Error('the secret is fake-secret-123 and the mail eve@example.test'))
    const first = await jobs().giveUp({ about: 'fake-secret-456' })
    const diedAt = on.app.clock.now()
    on.app.clock.advance(1_000)
    jobs().failWith(Object.assign(new Error('connect to 10.0.0.7'), { code: 'ECONNREFUSED' }))
    const second = await jobs().giveUp()
    await jobs().add({ about: 'waiting' })
    const { status, body, text } = await list(token, '?state=dead')
    expect([status, body.total]).toEqual([200, 2])
    expect(body.items).toEqual([
      expect.objectContaining({ id: second, error: 'The other side refused the connection.' }),
      {
        id: first,
        kind: 'test.doomed',
        attempts: 1,
        error: 'It failed unexpectedly; the log of that time says more.',
        created_at: diedAt.toISOString(),
        dead_at: diedAt.toISOString(),
      },
    ])
    for (const private_ of ['fake-secret', 'eve@', '10.0.0.7']) expect(text).not.toContain(private_)
    await on.app.settle()
  })

  it('goes through them page by page, with skip and with a cursor of its own alone', async () => {
    const { accessToken: token } = await admin()
    for (let i = 0; i < 3; i++) await jobs().giveUp()
    const ids = ({ body }: Awaited<ReturnType<typeof list>>) =>
      (body.items as { id: string }[]).map(({ id }) => id)
    const all = ids(await list(token, '?limit=100'))
    expect(new Set(all).size).toBe(6)
    expect(ids(await list(token, '?limit=2&skip=2'))).toEqual(all.slice(2, 4))
    const found: string[] = []
    let cursor: unknown = null
    for (let page = await list(token, '?limit=4'); ; ) {
      found.push(...ids(page))
      cursor = page.body.next_cursor
      if (cursor === null) break
      page = await list(token, `?limit=4&cursor=${String(cursor)}`)
    }
    expect(found).toEqual(all)
    const forged = await list(token, '?cursor=bm90LW91cnMtbm90LW91cnMtbm90LW91cnM')
    expect([forged.status, forged.body.code]).toEqual([400, 'operations.cursor_invalid'])
  })
})
