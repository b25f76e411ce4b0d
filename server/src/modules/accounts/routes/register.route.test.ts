import { describe, expect, it, vi } from 'vitest'
import { newUsername, PASSWORD, USER_FULL_FIELDS } from '../../../testing/factories.ts'
import { forEachApp, startTestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

const somebody = () => {
  const username = newUsername()
  return { username, email: `${username}@example.test`, password: PASSWORD }
}

forEachApp('POST /auth/register', {}, (on) => {
  const register = (body: unknown) => on.app.send('POST', '/auth/register', { body })
  const refusalOf = async (patch: object) => {
    const before = await countStored(on.app, 'users')
    const { status, body } = await register({ ...somebody(), ...patch })
    expect(await countStored(on.app, 'users')).toBe(before)
    return { status, body }
  }

  it('makes a pending account and answers every field of it, and nothing else', async () => {
    const body = { ...somebody(), display_name: 'Ada Lovelace' }
    const answer = await register(body)
    expect(answer.status).toBe(201)
    expect(Object.keys(answer.body).sort()).toEqual([...USER_FULL_FIELDS].sort())
    expect(answer.body).toMatchObject({
      username: body.username,
      email: body.email,
      display_name: 'Ada Lovelace',
      full_name: 'Ada Lovelace',
      bio: null,
      role: 'user',
      status: 'pending_verification',
      is_verified: false,
      last_login_at: null,
      email_verified_at: null,
      created_at: on.app.clock.now().toISOString(),
    })
    const [row] = await storedRows(on.app, 'users', `username = '${body.username}'`)
    expect(row?.password_hash).toMatch(/^\$argon2id\$v=19\$m=\d+,t=\d+,p=1,keyid=/)
  })

  it('leaves one token by its digest, one mail and one audit entry behind', async () => {
    const { app } = on
    const audits = await countStored(app, 'audit_events', `action = 'account.registered'`)
    const body = somebody()
    const { body: user } = await register(body)
    expect(await countStored(app, 'email_verification_tokens', `user_id = '${user.id}'`)).toBe(1)
    await app.settle()
    expect(app.mail.to(body.email)).toHaveLength(1)
    expect(await countStored(app, 'audit_events', `action = 'account.registered'`)).toBe(audits + 1)
    const [entry] = await storedRows(app, 'audit_events', `object_id = '${user.id}'`)
    expect(entry).toMatchObject({ action: 'account.registered', result: 'ok', actor_id: user.id })
  })

  it('never lets a body choose id, role, status, verification or counts', async () => {
    const body = somebody()
    const chosen = {
      id: '01890a5d-ac96-774b-bcce-b302099a8057',
      role: 'super_admin',
      status: 'active',
      is_verified: true,
      email_verified_at: '2020-01-01T00:00:00.000Z',
      followers_count: 9,
      follower_count: 9,
      two_factor_enabled: true,
      password_hash: '$argon2id$',
      created_at: '2020-01-01T00:00:00.000Z',
    }
    const answer = await register({ ...body, ...chosen })
    expect(answer.status).toBe(201)
    expect(answer.body).toMatchObject({
      role: 'user',
      status: 'pending_verification',
      is_verified: false,
      email_verified_at: null,
      followers_count: 0,
      two_factor_enabled: false,
    })
    expect(answer.body.id).not.toBe(chosen.id)
    expect(answer.body.created_at).not.toBe(chosen.created_at)
  })

  it.each([
    [{ full_name: 'Full' }, 'Full'],
    [{ display_name: 'Display' }, 'Display'],
    [{ display_name: 'Display', full_name: 'Full' }, 'Display'],
    [{ display_name: null, full_name: 'Full' }, 'Full'],
    [{ display_name: '𝔸'.repeat(100) }, '𝔸'.repeat(100)],
    [{ display_name: '  kept  ' }, '  kept  '],
    [{}, null],
  ])('takes %j as the name to show', async (names, shown) => {
    const { status, body } = await register({ ...somebody(), ...names })
    expect({ status, display: body.display_name, full: body.full_name }).toEqual({
      status: 201,
      display: shown,
      full: shown,
    })
  })

  it.each([
    ['display_name', 'x'.repeat(101)],
    ['full_name', 'x'.repeat(101)],
    ['display_name', 'two\nlines'],
    ['display_name', 'a\u202eb'],
    ['display_name', 'a\u0000b'],
    ['display_name', 7],
    ['username', 'ab'],
    ['username', 'a'.repeat(51)],
    ['username', 'has space'],
    ['username', 'dotted.name'],
    ['username', 'ünïcode'],
    ['username', 'аdmin_cyrillic'],
    ['username', 'ｆｕｌｌｗｉｄｔｈ'],
    ['username', 'name\n'],
    ['username', ''],
    ['username', null],
    ['email', 'no-at.example.test'],
    ['email', 'two@at@example.test'],
    ['email', 'a b@example.test'],
    ['email', 'a@example.test.'],
    ['email', 'a@example.test '],
    ['email', ' a@example.test'],
    ['email', 'a\u0000@example.test'],
    ['email', 'a@localhost'],
    ['email', 'a@192.168.0.1'],
    ['email', 'a@b.-t'],
    ['email', 'a@b.t-'],
    ['email', 'a@b..test'],
    ['email', '.a@b.test'],
    ['email', 'a..b@b.test'],
    ['email', 'victim<a@b.test'],
    ['email', 'a,b@b.test'],
    ['email', 'a;b@b.test'],
    ['email', '"a"@b.test'],
    ['email', `${'a'.repeat(65)}@b.test`],
    ['email', `a@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}.${'e'.repeat(60)}.test`],
    ['email', 'ﷺ'.repeat(60)],
    ['email', 'ad\u034fa@example.test'],
    ['email', 'ad\u3164a@example.test'],
    ['email', 'ada@exam\ufe0fple.test'],
    ['display_name', '\u200b\u3164'],
    ['password', 'elevenchars'],
    ['password', ''],
    ['password', 'x'.repeat(257)],
    ['password', '😀'.repeat(257)],
    ['password', 'tab\tinside the password'],
    ['password', 'password1234'],
    ['password', 'OUTCRY is my favourite site'],
    ['password', 12345678901234],
  ])('refuses the %s %j by its path and stores nothing', async (field, value) => {
    const { status, body } = await refusalOf({ [field]: value })
    expect(status).toBe(422)
    expect(body.errors).toEqual(expect.arrayContaining([expect.objectContaining({ path: `body.${field}` })]))
    expect(typeof body.detail).toBe('string')
  })

  it.each(['username', 'email', 'password'])('asks for the %s when it is missing', async (field) => {
    const { status, body } = await refusalOf({ [field]: undefined })
    expect(status).toBe(422)
    expect(body.errors).toEqual([{ path: `body.${field}`, message: 'is required' }])
  })

  it.each(['admin', 'ADMIN', 'Root', 'api', 'search', 'outcry', 'super_admin'])(
    'refuses the reserved username %s',
    async (username) => {
      const { status, body } = await refusalOf({ username })
      expect(status).toBe(422)
      expect(body.detail).toContain('reserved')
    },
  )

  it('refuses a username that reads as an id', async () => {
    const { status } = await refusalOf({ username: '01890A5D-ac96-774b-bcce-b302099a8057' })
    expect(status).toBe(422)
  })

  it.each([
    ['Grace@Example.test', 'grace@example.test'],
    ['ｈｅｄｙ＠example.test', 'hedy@example.test'],
    ['\u212Aelvin@example.test', 'kelvin@example.test'],
    ['jürgen+tag@bücher.example', 'jürgen+tag@bücher.example'],
  ])('keeps %s in the one form %s', async (email, canonical) => {
    const { status, body } = await register({ ...somebody(), email })
    expect({ status, email: body.email }).toEqual({ status: 201, email: canonical })
    const again = await register({ ...somebody(), email: canonical.toUpperCase() })
    expect(again.status).toBe(400)
    expect(again.body.detail).toContain('email')
  })

  it('refuses a taken username in any case with 400 and the word', async () => {
    const { username } = await register(somebody()).then(({ body }) => body)
    const { status, body } = await refusalOf({ username: String(username).toUpperCase() })
    expect(status).toBe(400)
    expect(body.detail).toContain('username')
    expect(body.type).toBe('urn:outcry:problem:accounts.username_taken')
  })

  it('refuses a password that holds the username or the name in the address', async () => {
    const body = somebody()
    expect((await refusalOf({ ...body, password: `xx ${body.username.toUpperCase()} xx` })).status).toBe(422)
    const email = 'unusualmailname@example.test'
    expect((await refusalOf({ email, password: 'the unusualmailname again' })).status).toBe(422)
  })

  it.each([
    ['twelve characters', 'exactly12chr'],
    ['256 code points in 1,024 bytes', '😀'.repeat(256)],
    ['spaces and emoji', '   🔥 🔥 🔥 🔥 🔥 '],
  ])('takes a password of %s', async (_what, password) => {
    expect((await register({ ...somebody(), password })).status).toBe(201)
  })

  it('answers a password of 257 characters before any hash', async () => {
    const hash = vi.spyOn(on.app.app.platform.hasher, 'hash')
    const before = performance.now()
    await refusalOf({ password: 'x'.repeat(257) })
    expect(hash).not.toHaveBeenCalled()
    expect(performance.now() - before).toBeLessThan(1_000)
  })

  it.each([
    ['username', (n: number) => ({ username: n % 2 ? 'Racing_Name' : 'racing_name' })],
    ['email', (n: number) => ({ email: n % 2 ? 'Racing@Example.test' : 'racing@example.test' })],
  ])(
    'gives one %s to one of thirty who ask at once, and leaves nothing of the others',
    async (word, patch) => {
      const { app } = on
      await app.settle()
      app.mail.clear()
      const kept = ['users', 'email_verification_tokens', 'audit_events']
      const before = await Promise.all(kept.map((table) => countStored(app, table)))
      const answers = []
      for (let wave = 0; wave < 5; wave++) {
        const six = Array.from({ length: 6 }, (_, n) => register({ ...somebody(), ...patch(n) }))
        answers.push(...(await Promise.all(six)))
      }
      const taken = answers.filter(({ status }) => status === 400)
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
      expect(taken.length + answers.filter(({ status }) => status === 503).length).toBe(29)
      expect(taken.length).toBeGreaterThan(0)
      for (const { body } of taken) expect(body.detail).toContain(word)
      const after = await Promise.all(kept.map((table) => countStored(app, table)))
      expect(after.map((count, n) => count - (before[n] ?? 0))).toEqual([1, 1, 1])
      await app.settle()
      expect(app.mail.sent).toHaveLength(1)
      expect(await countStored(app, 'jobs', `kind = 'mail.send'`)).toBe(0)
    },
  )
})

forEachApp('a flood of registrations', { hashing: 'as-configured' }, (on) => {
  it('turns away whom the hash gate has no place for, with a time to come back', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => on.app.send('POST', '/auth/register', { body: somebody() })),
    )
    const busy = answers.filter(({ status }) => status === 503)
    expect(busy.length).toBeGreaterThan(0)
    for (const { headers, body } of busy) {
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
      expect(body.type).toBe('urn:outcry:problem:accounts.busy')
    }
    expect(answers.every(({ status }) => status === 201 || status === 503)).toBe(true)
  })
})

describe('POST /auth/register with other settings', () => {
  it.each(['closed', 'invite', 'approval'])('takes nobody while sign-up is %s', async (signup) => {
    await using app = await startTestApp({ dialect: 'sqlite', env: { OUTCRY_SIGNUP: signup } })
    const body = { username: 'early_bird', email: 'early@example.test', password: PASSWORD }
    const { status } = await app.send('POST', '/auth/register', { body })
    expect(status).toBe(403)
    expect(await countStored(app, 'users')).toBe(0)
    expect(await countStored(app, 'jobs', `kind = 'mail.send'`)).toBe(0)
  })

  it('lets five in from one address in an hour, and the sixth after it', async () => {
    await using app = await startTestApp({ dialect: 'sqlite', env: { OUTCRY_RATE_LIMITS: 'on' } })
    const register = () => {
      const username = newUsername()
      const body = { username, email: `${username}@example.test`, password: PASSWORD }
      return app.send('POST', '/auth/register', { body })
    }
    for (let n = 0; n < 5; n++) expect((await register()).status).toBe(201)
    const sixth = await register()
    expect(sixth.status).toBe(429)
    expect(Number(sixth.headers.get('retry-after'))).toBeGreaterThan(0)
    app.clock.advance(3_600_001)
    expect((await register()).status).toBe(201)
  })
})
