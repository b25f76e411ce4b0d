import { expect, it } from 'vitest'
import {
  changeMember,
  createSignedInMember,
  registerMember,
  signIn,
  USER_FULL_FIELDS,
} from '../../../testing/factories.ts'
import { forEachApp, startTestApp } from '../../../testing/start-test-app.ts'
import { storedRows } from '../../../testing/stored-rows.ts'

const FULL = {
  display_name: 'Ada Lovelace 🧮',
  bio: 'Numbers.\r\n\tAnd <b>notes</b>.',
  avatar_url: 'https://cdn.example.org/a.png?x=1#y',
  cover_image_url: 'http://cdn.example.org:8080/c.png',
  website_url: 'https://ada.example.org',
  location: 'London',
  is_private: true,
}

forEachApp('PUT /users/me', {}, (on) => {
  const update = (body: unknown, token?: string) =>
    on.app.send('PUT', '/users/me', token === undefined ? { body } : { body, token })
  const rowOf = async (id: string) => (await storedRows(on.app, 'users', `id = '${id}'`))[0]

  it('refuses nobody, pending members and closed ones, and stores nothing of theirs', async () => {
    const { app } = on
    expect((await update(FULL)).status).toBe(401)
    const pending = await signIn(app, await registerMember(app))
    expect((await update(FULL, pending.accessToken)).status).toBe(403)
    await changeMember(app, pending.id, { status: 'banned' })
    expect((await update(FULL, pending.accessToken)).status).toBe(403)
    expect(await rowOf(pending.id)).toMatchObject({ display_name: null, bio: null, website: null })
  })

  it('refuses what is too long or malformed with 422, naming the field, and stores nothing', async () => {
    const { id, accessToken } = await createSignedInMember(on.app)
    const before = await rowOf(id)
    const refused: [string, unknown][] = [
      ['display_name', 'x'.repeat(101)],
      ['display_name', 'two\nlines'],
      ['display_name', '\u200b'],
      ['display_name', 7],
      ['full_name', 'x'.repeat(101)],
      ['bio', '😀'.repeat(501)],
      ['bio', 'a\u0000b'],
      ['location', 'x'.repeat(101)],
      ['is_private', 'yes'],
      ['is_private', null],
      ['website_url', ''],
      ['website_url', 'ada.example.org'],
      ['website_url', 'javascript:alert(1)'],
      ['website_url', 'data:text/html,hi'],
      ['website_url', 'ftp://example.org'],
      ['website_url', '//example.org'],
      ['website_url', 'http:/example.org'],
      ['website_url', 'https://'],
      ['website_url', 'https://#'],
      ['website_url', 'https://exa mple.org'],
      ['website_url', 'https://[::1'],
      ['website_url', 'https://example.org:99999'],
      ['website_url', `https://example.org/${'x'.repeat(500)}`],
      ['website_url', 'https://bank.example@evil.example'],
      ['website_url', 'https://a:b@evil.example'],
      ['website_url', 'https://good.example\\@evil.example'],
      ['avatar_url', 'https://ok.example\\.evil.example/a.png'],
      ['avatar_url', 'http://user@example.org/a.png'],
      ['cover_image_url', 'http://%'],
    ]
    for (const [field, given] of refused) {
      const { status, body } = await update({ bio: 'not stored', [field]: given }, accessToken)
      expect({ field, given, status }).toEqual({ field, given, status: 422 })
      expect(body.errors).toMatchObject([{ path: `body.${field}` }])
    }
    expect(await rowOf(id)).toEqual(before)
  })

  it('changes every field it declares, as it was typed', async () => {
    const { app } = on
    const { id, username, accessToken } = await createSignedInMember(app)
    app.clock.advance(1_000)
    const { status, body } = await update(FULL, accessToken)
    expect(status).toBe(200)
    expect(Object.keys(body).sort()).toEqual([...USER_FULL_FIELDS].sort())
    const now = app.clock.now().toISOString()
    expect(body).toMatchObject({ id, username, ...FULL, full_name: FULL.display_name, updated_at: now })
    const { website_url: website, is_private: _, ...stored } = FULL
    expect(await rowOf(id)).toMatchObject({ ...stored, website, privacy_level: 'private' })
    expect((await app.send('GET', '/users/me', { token: accessToken })).body).toMatchObject(FULL)
    expect((await app.send('GET', `/users/${username}`)).body).toMatchObject(FULL)
  })

  it('leaves what is left out as it is, and changes nothing for an empty change', async () => {
    const { accessToken } = await createSignedInMember(on.app)
    await update(FULL, accessToken)
    expect((await update({ location: 'Paris' }, accessToken)).body).toMatchObject({
      ...FULL,
      location: 'Paris',
    })
    expect((await update({ is_private: false }, accessToken)).body).toMatchObject({
      ...FULL,
      location: 'Paris',
      is_private: false,
    })
    expect((await update({}, accessToken)).body).toMatchObject({ display_name: FULL.display_name })
  })

  it('clears with null, and texts with nothing', async () => {
    const { id, accessToken } = await createSignedInMember(on.app)
    const texts = ['display_name', 'bio', 'location']
    for (const empty of [null, '']) {
      await update(FULL, accessToken)
      const cleared = Object.fromEntries(texts.map((name) => [name, empty]))
      const addresses = { avatar_url: null, cover_image_url: null, website_url: null }
      expect((await update({ ...cleared, ...addresses }, accessToken)).status).toBe(200)
      expect(await rowOf(id)).toMatchObject({
        display_name: null,
        display_name_key: null,
        bio: null,
        location: null,
        avatar_url: null,
        cover_image_url: null,
        website: null,
        privacy_level: 'private',
      })
    }
  })

  it('takes full_name for a display_name that is absent', async () => {
    const { accessToken } = await createSignedInMember(on.app)
    const nameAfter = async (body: object) => (await update(body, accessToken)).body.display_name
    expect(await nameAfter({ full_name: 'Full' })).toBe('Full')
    expect(await nameAfter({ full_name: 'Full', display_name: 'Display' })).toBe('Display')
    expect(await nameAfter({ full_name: 'Full', display_name: null })).toBeNull()
  })

  it('C46: writes no field that is not the member’s to write', async () => {
    const { id, email, accessToken } = await createSignedInMember(on.app)
    const before = await rowOf(id)
    const other = '01890a5d-ac96-774b-bcce-b302099a8057'
    const forbidden = {
      ...{ id: other, user_id: other, username: 'somebody', username_key: 'x', email: 'x@example.test' },
      ...{ role: 'super_admin', status: 'banned', is_verified: true, is_creator: true, is_premium: true },
      ...{
        password: 'x',
        password_hash: '$x',
        two_factor_enabled: true,
        followers_count: 9,
        follower_count: 9,
      },
      ...{ email_verified_at: null, created_at: '2000-01-01T00:00:00.000Z', deleted_at: null, phone: '1' },
      ...{ privacy_level: 'private', display_name_key: 'x', last_login_at: null, banned_by_id: other },
    }
    expect((await update(forbidden, accessToken)).status).toBe(200)
    const { updated_at: _, ...after } = (await rowOf(id)) ?? {}
    expect(before).toMatchObject(after)
    expect(after).toMatchObject({ email, role: 'user', status: 'active' })
  })

  it('shows on another node at once', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    const { accessToken: token } = await createSignedInMember(app)
    await expect.poll(() => other.app.platform.signals.isLive || dialect === 'sqlite').toBe(true)
    expect((await other.send('GET', '/users/me', { token })).body.bio).toBeNull()
    await update({ bio: 'new' }, token)
    await expect.poll(async () => (await other.send('GET', '/users/me', { token })).body.bio).toBe('new')
  })
})
