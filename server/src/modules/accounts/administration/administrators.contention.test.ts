import { expect, it } from 'vitest'
import { findAuditFault } from '../../../platform/audit/audit-fault.ts'
import { createSignedInMember, signIn } from '../../../testing/factories.ts'
import { forEachApp, startTestApp, type TestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

const ADMINS = `status = 'active' and role in ('admin', 'super_admin')`

forEachApp('administrators', {}, (on) => {
  const twoNodes = async (work: (nodes: [TestApp, TestApp]) => Promise<void>) => {
    await using other = await startTestApp({ dialect: on.dialect, beside: on.app })
    await work([on.app, other])
  }
  const alone = async (...keep: { id: string }[]) => {
    const ids = keep.map(({ id }) => `'${id}'`).join(', ')
    const others = await storedRows(on.app, 'users', `${ADMINS} and id not in (${ids})`)
    for (const { username } of others) await on.app.app.accounts.admin.setRole(String(username), 'user')
  }

  it.each([
    { what: 'demote', method: 'PUT', path: '/admin', body: { role: 'user' } },
    { what: 'ban', method: 'PUT', path: '/admin', body: { status: 'banned' } },
    { what: 'suspend', method: 'POST', path: '/suspend', body: {} },
    { what: 'deactivate', method: 'POST', path: '/deactivate', body: {} },
    { what: 'delete', method: 'DELETE', path: '' },
  ])('who $what each other at once, 16 times on two nodes, leave one', async ({ method, path, body }) => {
    const { app } = on
    const one = await createSignedInMember(app, { role: 'super_admin' })
    const two = await createSignedInMember(app, { role: 'super_admin' })
    await alone(one, two)
    await twoNodes(async (nodes) => {
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, n) => {
          const [by, target] = n % 2 ? [one, two] : [two, one]
          const node = nodes[(n >> 1) % 2] ?? app
          return node.send(method, `/users/${target.id}${path}`, {
            token: by.accessToken,
            ...(body ? { body } : {}),
          })
        }),
      )
      const statuses = new Set(answers.map(({ status }) => status))
      expect([...statuses].filter((status) => ![200, 401, 403, 404].includes(status))).toEqual([])
      expect(statuses).toContain(200)
      const left = await storedRows(app, 'users', ADMINS)
      expect(left).toHaveLength(1)
      expect([one.id, two.id]).toContain(left[0]?.id)
    })
    expect(await findAuditFault(app.app.platform.db.asSystem())).toBeUndefined()
  })

  it('cannot all delete themselves: the last one stays', async () => {
    const { app } = on
    const people = [
      await createSignedInMember(app, { role: 'super_admin' }),
      await createSignedInMember(app, { role: 'admin' }),
      await createSignedInMember(app, { role: 'admin' }),
    ]
    await alone(...people)
    await twoNodes(async (nodes) => {
      const answers = await Promise.all(
        people.flatMap(({ id, accessToken: token }, n) =>
          [0, 1].map((node) => (nodes[(n + node) % 2] ?? app).send('DELETE', `/users/${id}`, { token })),
        ),
      )
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(2)
      const refused = answers.filter(({ status }) => status === 403)
      expect(refused.length).toBeGreaterThanOrEqual(1)
      for (const { body } of refused) expect(body.type).toBe('urn:outcry:problem:accounts.last_admin')
      expect(await countStored(app, 'users', ADMINS)).toBe(1)
    })
  })

  it('cannot be taken away by the operator when they are the last', async () => {
    const { app } = on
    const { admin } = app.app.accounts
    const last = await createSignedInMember(app, { role: 'admin' })
    await alone(last)
    const refused = { code: 'accounts.last_admin' }
    await expect(admin.setRole(last.username, 'moderator')).rejects.toMatchObject(refused)
    expect((await app.send('GET', '/auth/me', { token: last.accessToken })).body.role).toBe('admin')
    await admin.setRole(last.username, 'super_admin')
    const again = await signIn(app, last)
    const { status, body } = await app.send('DELETE', `/users/${last.id}`, { token: again.accessToken })
    expect(status).toBe(403)
    expect(body.type).toBe('urn:outcry:problem:accounts.last_admin')
    expect(await countStored(app, 'users', ADMINS)).toBe(1)
    const closed = await createSignedInMember(app, { role: 'admin' })
    await expect(admin.setRole(closed.username, 'user')).resolves.toBeUndefined()
  })
})
