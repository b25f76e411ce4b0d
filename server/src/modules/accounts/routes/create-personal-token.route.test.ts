import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../../platform/durations.ts'
import {
  changeMember,
  createPersonalToken,
  createSignedInMember,
  registerMember,
  signIn,
} from '../../../testing/factories.ts'
import { forEachApp, type SendOptions } from '../../../testing/start-test-app.ts'
import { countStored, storedRows, storedText } from '../../../testing/stored-rows.ts'

const TEXT = /^outcry_pat_[\w-]{43}$/
const numbered = (count: number, name: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => name(n))
const wish = { name: 'Backup of my notes', scopes: ['account:read'] }

forEachApp('POST /auth/tokens', {}, (on) => {
  const create = (token: string | undefined, body: unknown = wish, headers: SendOptions['headers'] = {}) =>
    on.app.send('POST', '/auth/tokens', { body, headers, ...(token === undefined ? {} : { token }) })
  const tokensOf = (userId: string) => storedRows(on.app, 'personal_access_tokens', `user_id = '${userId}'`)
  const later = (ms: number) => new Date(on.app.clock.now().getTime() + ms).toISOString()

  const fill = async (token: string, count: number, body: unknown = wish) => {
    for (let made = 0; made < count; made += 10) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => create(token, body)))
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(201))
    }
  }

  it('refuses a caller who is nobody, pending, suspended or not fresh', async () => {
    expect((await create(undefined)).status).toBe(401)
    expect((await create('nonsense')).status).toBe(401)
    const pending = await signIn(on.app, await registerMember(on.app))
    expect((await create(pending.accessToken)).status).toBe(403)
    const member = await createSignedInMember(on.app)
    await changeMember(on.app, member.id, { status: 'suspended' })
    expect((await create(member.accessToken)).status).toBe(403)
    await changeMember(on.app, member.id, { status: 'active' })
    on.app.clock.advance(6 * MINUTE)
    const stale = await create(member.accessToken)
    expect([stale.status, stale.body.type]).toEqual([
      401,
      'urn:outcry:problem:http.insufficient_user_authentication',
    ])
    expect(await tokensOf(member.id)).toEqual([])
  })

  it('refuses a personal access token: none makes another', async () => {
    const member = await createSignedInMember(on.app)
    const scopes = ['account:read', 'account:write', 'users:read', 'social:write']
    const { token } = await createPersonalToken(on.app, member, { scopes })
    expect((await create(token)).status).toBe(401)
    expect(await tokensOf(member.id)).toHaveLength(1)
  })

  describe('refuses with 422', () => {
    it.each<[string, object, string]>([
      ['no name', { scopes: ['account:read'] }, 'body.name'],
      ['an empty name', { ...wish, name: '' }, 'body.name'],
      ['a name of spaces', { ...wish, name: ' \u00a0 ' }, 'body.name'],
      ['a name of 65 characters', { ...wish, name: 'n'.repeat(65) }, 'body.name'],
      ['a name on two lines', { ...wish, name: 'a\nb' }, 'body.name'],
      ['no scopes', { name: 'x' }, 'body.scopes'],
      ['an empty list of scopes', { ...wish, scopes: [] }, 'body.scopes'],
      ['an unknown scope', { ...wish, scopes: ['admin'] }, 'body.scopes.0'],
      ['a scope twice', { ...wish, scopes: ['account:read', 'account:read'] }, 'body.scopes'],
      ['a scope that is no text', { ...wish, scopes: [null] }, 'body.scopes.0'],
      ['an expiry that is no moment', { ...wish, expires_at: 'tomorrow' }, 'body.expires_at'],
      ['an expiry that is a number', { ...wish, expires_at: 1_900_000_000 }, 'body.expires_at'],
      ['a credential that is no id', { ...wish, credential_id: 'mine' }, 'body.credential_id'],
      ['a path without its slash', { ...wish, path_patterns: ['v2/orders'] }, 'body.path_patterns.0'],
      ['an empty path', { ...wish, path_patterns: [''] }, 'body.path_patterns.0'],
      ['a path with a query', { ...wish, path_patterns: ['/v2', '/v2?a=1'] }, 'body.path_patterns.1'],
      ['two stars in a segment', { ...wish, path_patterns: ['/v2/*a*'] }, 'body.path_patterns.0'],
      ['** before the end', { ...wish, path_patterns: ['/**/orders'] }, 'body.path_patterns.0'],
      [
        'a path of 201 characters',
        { ...wish, path_patterns: [`/${'a'.repeat(200)}`] },
        'body.path_patterns.0',
      ],
      ['a path twice', { ...wish, path_patterns: ['/v2', '/v2'] }, 'body.path_patterns'],
      ['21 paths', { ...wish, path_patterns: numbered(21, (n) => `/v${n}`) }, 'body.path_patterns'],
      ['an address of nowhere', { ...wish, address_ranges: ['192.0.2.256'] }, 'body.address_ranges.0'],
      ['a range too wide', { ...wish, address_ranges: ['10.0.0.1', '10.0.0.0/33'] }, 'body.address_ranges.1'],
      ['an address with a zone', { ...wish, address_ranges: ['fe80::1%eth0'] }, 'body.address_ranges.0'],
      ['a host name', { ...wish, address_ranges: ['localhost'] }, 'body.address_ranges.0'],
      ['21 ranges', { ...wish, address_ranges: numbered(21, (n) => `10.0.0.${n}`) }, 'body.address_ranges'],
      ['a rate of 0', { ...wish, rate_per_minute: 0 }, 'body.rate_per_minute'],
      ['a rate of 301', { ...wish, rate_per_minute: 301 }, 'body.rate_per_minute'],
      ['a rate that is no whole number', { ...wish, rate_per_minute: 1.5 }, 'body.rate_per_minute'],
    ])('%s', async (_what, body, path) => {
      const { id, accessToken } = await createSignedInMember(on.app)
      const answer = await create(accessToken, body)
      expect(answer.status).toBe(422)
      expect(answer.body.errors).toEqual([{ path, message: expect.any(String) }])
      expect(await tokensOf(id)).toEqual([])
    })

    it('an expiry that is past, now, or more than a year away', async () => {
      const { id, accessToken } = await createSignedInMember(on.app)
      for (const ms of [-1, 0, 366 * DAY + 1, 100 * 365 * DAY]) {
        const answer = await create(accessToken, { ...wish, expires_at: later(ms) })
        expect([answer.status, answer.body.type]).toEqual([
          422,
          'urn:outcry:problem:accounts.token_expiry_invalid',
        ])
        expect(answer.body.errors).toEqual([{ path: 'body.expires_at', message: expect.any(String) }])
      }
      expect(await tokensOf(id)).toEqual([])
    })
  })

  it('answers the token once, with its name trimmed, and an end in 90 days', async () => {
    const { id, accessToken } = await createSignedInMember(on.app)
    const { status, body, headers } = await create(accessToken, { ...wish, name: '  Backup of my notes ' })
    expect(status).toBe(201)
    const text = String(body.token)
    expect(text).toMatch(TEXT)
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      created_at: on.app.clock.now().toISOString(),
      updated_at: on.app.clock.now().toISOString(),
      name: 'Backup of my notes',
      last_four: text.slice(-4),
      scopes: ['account:read'],
      expires_at: later(90 * DAY),
      last_used_at: null,
      credential_id: null,
      path_patterns: [],
      address_ranges: [],
      rate_per_minute: null,
      token: text,
    })
    expect(headers.get('cache-control')).toBe('no-store')
    const [row, ...others] = await tokensOf(id)
    expect(others).toEqual([])
    expect(Buffer.from(row?.token_hash as Uint8Array)).toEqual(createHash('sha256').update(text).digest())
  })

  it('ends it when its owner says, null being the same as leaving it out', async () => {
    const { accessToken } = await createSignedInMember(on.app)
    const expiry = async (expires_at: string | null) =>
      (await create(accessToken, { ...wish, expires_at })).body.expires_at
    expect(await expiry(later(HOUR))).toBe(later(HOUR))
    expect(await expiry(later(366 * DAY))).toBe(later(366 * DAY))
    expect(await expiry(later(HOUR).replace('Z', '+00:00'))).toBe(later(HOUR))
    expect(await expiry(null)).toBe(later(90 * DAY))
  })

  it('shows what it is bound to, now and in the list', async () => {
    const { accessToken } = await createSignedInMember(on.app)
    const bounds = {
      path_patterns: ['/v2/account', '/v2/orders/*', '/v1beta1/**'],
      address_ranges: ['192.0.2.7', '2001:db8::/32'],
      rate_per_minute: 300,
    }
    const made = await create(accessToken, { ...wish, scopes: ['broker:trade'], ...bounds })
    expect([made.status, made.body]).toEqual([
      201,
      expect.objectContaining({ ...bounds, credential_id: null, scopes: ['broker:trade'] }),
    ])
    const { body } = await on.app.send('GET', '/auth/tokens', { token: accessToken })
    expect(body.items).toEqual([expect.objectContaining(bounds)])
  })

  it('binds none to a credential that is not there: the same 404, and nothing stored', async () => {
    const { id, accessToken } = await createSignedInMember(on.app)
    const credential_id = '01890a5d-ac96-774b-bcce-b302099a8057'
    const answer = await create(accessToken, { ...wish, scopes: ['broker:read'], credential_id })
    expect([answer.status, answer.body.code]).toEqual([404, 'vault.credential_not_found'])
    expect(await tokensOf(id)).toEqual([])
  })

  it('keeps it out of the database, the log, the mail and every later answer', async () => {
    const member = await createSignedInMember(on.app)
    const { token, id } = await createPersonalToken(on.app, member, { scopes: ['account:read'] })
    await on.app.send('GET', '/auth/me', { token })
    const later = await on.app.send('GET', '/auth/tokens', { token: member.accessToken })
    expect(later.text).toContain(id)
    await on.app.settle()
    const secret = token.slice('outcry_pat_'.length)
    const mails = JSON.stringify(on.app.mail.to(member.email))
    for (const text of [later.text, on.app.logged.join('\n'), mails, await storedText(on.app)]) {
      expect(text).not.toContain(secret)
      expect(text).not.toContain(secret.slice(0, 20))
    }
  })

  it('tells its owner by mail what it may do, and the audit log', async () => {
    const member = await createSignedInMember(on.app)
    const { id } = await createPersonalToken(on.app, member, { scopes: ['users:read', 'social:write'] })
    await on.app.settle()
    const mails = on.app.mail.to(member.email).filter(({ text }) => text.includes('personal access token'))
    expect(mails).toHaveLength(1)
    expect(mails[0]?.text).toContain('It may do this: users:read, social:write.')
    const entries = await storedRows(on.app, 'audit_events', `object_id = '${id}'`)
    expect(entries).toHaveLength(1)
    expect(entries[0]).toMatchObject({
      action: 'personal_token.created',
      result: 'ok',
      actor_id: member.id,
      object_type: 'personal_token',
      session_id: expect.any(String),
      address: '127.0.0.1',
    })
  })

  it('lets 20 creations at once at most fill the fifty', async () => {
    const { id, accessToken } = await createSignedInMember(on.app)
    await fill(accessToken, 40)
    const answers = await Promise.all(Array.from({ length: 20 }, () => create(accessToken)))
    const statuses = answers.map(({ status }) => status).sort()
    expect(statuses).toEqual([...Array(10).fill(201), ...Array(10).fill(422)])
    const refused = answers.find(({ status }) => status === 422)
    expect(refused?.body).toMatchObject({
      type: 'urn:outcry:problem:accounts.too_many_tokens',
      detail: 'There are 50 tokens already; end one first.',
      errors: [{ path: 'body.name', message: 'There are 50 tokens already; end one first.' }],
    })
    const rows = await tokensOf(id)
    expect(rows).toHaveLength(50)
    await on.app.send('DELETE', `/auth/tokens/${String(rows[0]?.id)}`, { token: accessToken })
    expect((await create(accessToken)).status).toBe(201)
    expect((await create(accessToken)).status).toBe(422)
  })

  it('counts no token that has expired', async () => {
    const member = await createSignedInMember(on.app)
    const soon = { ...wish, expires_at: later(MINUTE) }
    await fill(member.accessToken, 50, soon)
    expect((await create(member.accessToken)).status).toBe(422)
    on.app.clock.advance(2 * MINUTE)
    expect((await create(member.accessToken)).status).toBe(201)
  })

  it('gives the same answer to the same Idempotency-Key, and makes one token', async () => {
    const { id, accessToken } = await createSignedInMember(on.app)
    const key = { 'idempotency-key': `key-of-${id}` }
    const first = await create(accessToken, wish, key)
    const again = await create(accessToken, wish, key)
    expect([first.status, again.status]).toEqual([201, 201])
    expect(again.text).toBe(first.text)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect((await create(accessToken, { ...wish, name: 'Another' }, key)).status).toBe(422)
    expect(await tokensOf(id)).toHaveLength(1)
    expect(await storedText(on.app)).not.toContain(String(first.body.token).slice(11, 31))
  })

  it('makes one token for 16 requests at once with one Idempotency-Key', async () => {
    const { id, accessToken } = await createSignedInMember(on.app)
    const key = { 'idempotency-key': `key-of-${id}` }
    const answers = await Promise.all(Array.from({ length: 16 }, () => create(accessToken, wish, key)))
    const made = new Set(answers.filter(({ status }) => status === 201).map(({ text }) => text))
    expect(made.size).toBe(1)
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true)
    expect(await tokensOf(id)).toHaveLength(1)
  })

  it('makes nothing in a session that ends at the same time', async () => {
    const member = await createSignedInMember(on.app)
    const { admin } = on.app.app.accounts
    const password = 'another long pass phrase, 8'
    const [, ...answers] = await Promise.all([
      admin.setPassword(member.username, password),
      ...Array.from({ length: 16 }, () => create(member.accessToken)),
    ])
    const live = `user_id = '${member.id}' and revoked_at is null`
    expect(await countStored(on.app, 'personal_access_tokens', live)).toBe(0)
    expect(answers.every(({ status }) => status === 201 || status === 401)).toBe(true)
    for (const { body } of answers.filter(({ status }) => status === 201)) {
      expect((await on.app.send('GET', '/auth/me', { token: String(body.token) })).status).toBe(401)
    }
  })
})

forEachApp('POST /auth/tokens with limits', { env: { OUTCRY_RATE_LIMITS: 'on' } }, (on) => {
  it('takes ten an hour from one account', async () => {
    const member = await createSignedInMember(on.app)
    const statuses: number[] = []
    for (let i = 0; i < 11; i++) {
      const { status } = await on.app.send('POST', '/auth/tokens', { token: member.accessToken, body: wish })
      statuses.push(status)
    }
    expect(statuses).toEqual([...Array(10).fill(201), 429])
    expect(await countStored(on.app, 'personal_access_tokens', `user_id = '${member.id}'`)).toBe(10)
  })
})
