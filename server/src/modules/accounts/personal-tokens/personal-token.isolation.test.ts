import { expect, it } from 'vitest'
import { createPersonalToken, createSignedInMember } from '../../../testing/factories.ts'
import { startTestApp, type TestAppOptions } from '../../../testing/start-test-app.ts'
import { countStored, runAsOwner } from '../../../testing/stored-rows.ts'

interface Mode extends Pick<TestAppOptions, 'dialect' | 'open'> {
  readonly name: string
  readonly isRowSecurityOff?: true
}

it.each<Mode>([
  { name: 'SQLite', dialect: 'sqlite' },
  { name: 'PostgreSQL', dialect: 'postgres' },
  { name: 'PostgreSQL without owner predicates', dialect: 'postgres', open: { ownerPredicates: false } },
  { name: 'PostgreSQL without row security', dialect: 'postgres', isRowSecurityOff: true },
])('members neither see nor end the tokens of others on $name', async ({ isRowSecurityOff, ...options }) => {
  await using app = await startTestApp(options)
  if (isRowSecurityOff) await runAsOwner(app, 'alter table personal_access_tokens disable row level security')
  const [anna, ben] = [await createSignedInMember(app), await createSignedInMember(app)]
  const { id, token } = await createPersonalToken(app, anna, { scopes: ['account:read'] })
  const seen = await app.send('GET', '/auth/tokens', { token: ben.accessToken })
  expect(seen.body).toMatchObject({ items: [], total: 0 })
  const ended = await app.send('DELETE', `/auth/tokens/${id}`, { token: ben.accessToken })
  expect(ended.status).toBe(404)
  expect(await countStored(app, 'personal_access_tokens', 'revoked_at is null')).toBe(1)
  expect((await app.send('GET', '/auth/me', { token })).body.id).toBe(anna.id)
})
