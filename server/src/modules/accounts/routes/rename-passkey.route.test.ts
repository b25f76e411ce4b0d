import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../../platform/durations.ts'
import { createSignedInMember } from '../../../testing/factories.ts'
import { addPasskey } from '../../../testing/passkeys.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'
import { storedRows } from '../../../testing/stored-rows.ts'

forEachApp('PATCH /auth/passkeys/{id}', {}, (on) => {
  const rename = (id: string, name: unknown, token?: string) =>
    on.app.send('PATCH', `/auth/passkeys/${id}`, { body: { name }, ...(token ? { token } : {}) })
  const nameOf = async (id: string) => (await storedRows(on.app, 'passkeys', `id = '${id}'`))[0]?.name

  it('refuses who is not signed in, or proved it more than five minutes ago', async () => {
    const member = await createSignedInMember(on.app)
    const { id } = await addPasskey(on.app, member)
    expect((await rename(id, 'x')).status).toBe(401)
    on.app.clock.advance(5 * MINUTE + SECOND)
    const stale = await rename(id, 'x', member.accessToken)
    expect(stale.body.code).toBe('http.insufficient_user_authentication')
    expect(await nameOf(id)).toBe('My key')
  })

  it('answers 404 for another’s passkey, for none, and for what is no id', async () => {
    const [owner, other] = [await createSignedInMember(on.app), await createSignedInMember(on.app)]
    const { id } = await addPasskey(on.app, owner)
    const bodies = new Set<string>()
    for (const tried of [id, randomUUID(), 'x', id.toUpperCase()]) {
      const { status, body } = await rename(tried, 'Mine', other.accessToken)
      expect(status).toBe(404)
      bodies.add(JSON.stringify({ ...body, instance: '' }))
    }
    expect([...bodies]).toHaveLength(1)
    expect([...bodies][0]).toContain('accounts.passkey_not_found')
    expect(await nameOf(id)).toBe('My key')
  })

  it('refuses a name that is none with 422', async () => {
    const member = await createSignedInMember(on.app)
    const { id } = await addPasskey(on.app, member)
    for (const name of ['', '   ', 'x'.repeat(65), 'a\u0000b', 'a\u202eb', 7, null]) {
      expect((await rename(id, name, member.accessToken)).status).toBe(422)
    }
    expect(await nameOf(id)).toBe('My key')
  })

  it('keeps the new name, trimmed, and ends no session', async () => {
    const member = await createSignedInMember(on.app)
    const { id } = await addPasskey(on.app, member)
    on.app.clock.advance(MINUTE)
    const { status, body } = await rename(id, ` ${'𝔸'.repeat(62)} `, member.accessToken)
    expect(status).toBe(200)
    expect(body).toMatchObject({ id, name: '𝔸'.repeat(62), updated_at: on.app.clock.now().toISOString() })
    expect(await nameOf(id)).toBe('𝔸'.repeat(62))
    expect((await on.app.send('GET', '/auth/me', { token: member.accessToken })).status).toBe(200)
  })
})
