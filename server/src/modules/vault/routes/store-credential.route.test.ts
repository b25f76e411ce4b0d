import { describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../../platform/durations.ts'
import {
  changeMember,
  createPersonalToken,
  createSignedInMember,
  signIn,
} from '../../../testing/factories.ts'
import {
  callsWith,
  createTradingAccount,
  credentialEntries,
  credentialRow,
  forEachVaultApp,
  live,
  newPair,
  storeCredential,
  tryToStore,
} from '../../../testing/factories-vault.ts'
import { insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { countStored, storedRows, storedText } from '../../../testing/stored-rows.ts'

const PROBLEM = 'urn:outcry:problem:'
const NOBODYS = '01890a5d-ac96-774b-bcce-b302099a8057'

forEachVaultApp('POST /credentials/store', {}, (on) => {
  const member = () => insertSignedInMember(on.app)
  const later = (ms: number) => new Date(on.app.clock.now().getTime() + ms).toISOString()
  const storedOf = (id: string) => storedRows(on.app, 'user_credentials', `user_id = '${id}'`)

  describe('refuses', () => {
    it('a caller who is nobody, pending or suspended, and a personal access token', async () => {
      const owner = await createSignedInMember(on.app)
      const account_id = await createTradingAccount(on.app, owner)
      const store = (accessToken: string) => tryToStore(on.app, { accessToken }, { account_id })
      expect((await store('')).status).toBe(401)
      const { token } = await createPersonalToken(on.app, owner, { scopes: ['account:write'] })
      expect((await store(token)).status).toBe(403)
      for (const status of ['pending_verification', 'suspended'] as const) {
        await changeMember(on.app, owner.id, { status })
        expect((await store(owner.accessToken)).status).toBe(403)
      }
      expect(await storedOf(owner.id)).toEqual([])
    })

    it('a live key without a proof of the last five minutes, a paper key without one of today', async () => {
      const owner = await createSignedInMember(on.app)
      const account_id = await createTradingAccount(on.app, owner)
      on.app.clock.advance(6 * MINUTE)
      const stale = await tryToStore(on.app, owner, { account_id, ...live() })
      expect([stale.status, stale.body.code]).toEqual([401, 'http.insufficient_user_authentication'])
      expect(stale.headers.get('www-authenticate')).toContain('max_age=300')
      expect((await tryToStore(on.app, owner, { account_id })).status).toBe(201)
      let { refreshToken } = owner
      let accessToken = ''
      for (let hours = 0; hours < 12; hours++) {
        on.app.clock.advance(HOUR)
        const fresh = await on.app.send('POST', '/auth/refresh', { body: { refresh_token: refreshToken } })
        accessToken = String(fresh.body.access_token)
        refreshToken = String(fresh.body.refresh_token)
      }
      const old = await tryToStore(on.app, { accessToken }, { account_id })
      expect([old.status, old.body.code]).toEqual([401, 'http.insufficient_user_authentication'])
      expect(old.headers.get('www-authenticate')).toContain('max_age=43200')
      expect(await storedOf(owner.id)).toHaveLength(1)
      const again = await signIn(on.app, owner)
      expect((await tryToStore(on.app, again, { account_id, ...live() })).status).toBe(201)
    })

    it('an account of somebody else as one that is not there, and says so in the log of who asked', async () => {
      const [owner, other] = [await member(), await member()]
      const account_id = await createTradingAccount(on.app, owner)
      const foreign = await tryToStore(on.app, other, { account_id })
      const missing = await tryToStore(on.app, other, { account_id: NOBODYS })
      expect([foreign.status, foreign.body.code]).toEqual([404, 'vault.account_not_found'])
      const bytes = ({ text, body }: typeof foreign) => text.replace(String(body.instance), '')
      expect(bytes(foreign)).toBe(bytes(missing))
      expect(await storedOf(other.id)).toEqual([])
      const entries = await storedRows(on.app, 'audit_events', `actor_id = '${other.id}'`)
      expect(entries.map(({ action, result, object_id }) => [action, result, object_id])).toEqual([
        ['credential.stored', 'refused', other.id],
        ['credential.stored', 'refused', other.id],
      ])
    })

    it.each<[string, object, string]>([
      ['no account', { account_id: undefined }, 'body.account_id'],
      ['an account id that is none', { account_id: "' or 1=1 --" }, 'body.account_id'],
      ['an account id in capitals', { account_id: NOBODYS.toUpperCase() }, 'body.account_id'],
      ['an unknown type', { credential_type: 'my_bank' }, 'body.credential_type'],
      ['an empty type', { credential_type: '' }, 'body.credential_type'],
      ['a type that is too long', { credential_type: 'x'.repeat(65) }, 'body.credential_type'],
      ['no key', { api_key: undefined }, 'body.api_key'],
      ['an empty key', { api_key: '' }, 'body.api_key'],
      ['a key that is too long', { api_key: 'k'.repeat(513) }, 'body.api_key'],
      ['a key with NUL', { api_key: 'PKFAKE\u0000X' }, 'body.api_key'],
      ['a key with a line break', { api_key: 'PKFAKE\r\nx-evil: 1' }, 'body.api_key'],
      ['a key with a space', { api_key: 'PKFAKE X' }, 'body.api_key'],
      ['a key with bidi marks', { api_key: 'PKFAKE\u202eX' }, 'body.api_key'],
      ['a key that is a number', { api_key: 7 }, 'body.api_key'],
      ['no secret', { secret_key: undefined }, 'body.secret_key'],
      ['an empty secret', { secret_key: '' }, 'body.secret_key'],
      ['a secret that is too long', { secret_key: 's'.repeat(513) }, 'body.secret_key'],
      ['a secret with NUL', { secret_key: 'fake-secret-\u0000' }, 'body.secret_key'],
      ['a nickname with NUL', { nickname: 'a\u0000b' }, 'body.nickname'],
      ['a nickname with a control character', { nickname: 'a\u0007b' }, 'body.nickname'],
      ['a nickname on two lines', { nickname: 'a\nb' }, 'body.nickname'],
      ['a nickname with bidi marks', { nickname: 'a\u202eb' }, 'body.nickname'],
      ['a nickname that is half a character', { nickname: 'a\ud800' }, 'body.nickname'],
      ['a nickname of 256 characters', { nickname: 'n'.repeat(256) }, 'body.nickname'],
      ['a nickname far too long', { nickname: 'n'.repeat(2000) }, 'body.nickname'],
      ['a nickname that is too long composed', { nickname: '\u0958'.repeat(255) }, 'body.nickname'],
      ['an expiry that is no moment', { expires_at: 'soon' }, 'body.expires_at'],
      ['an expiry that is past', { expires_at: '2001-01-01T00:00:00Z' }, 'body.expires_at'],
      ['a choice that is none', { validate: 'maybe' }, 'body.validate'],
    ])('%s with 422, stores nothing and repeats no secret', async (_what, wrong, path) => {
      const owner = await member()
      const account_id = await createTradingAccount(on.app, owner)
      const pair = newPair()
      const { status, body, text } = await tryToStore(on.app, owner, { account_id, ...pair, ...wrong })
      expect([status, (body.errors as { path: string }[])[0]?.path], text).toEqual([422, path])
      expect(await storedOf(owner.id)).toEqual([])
      const sent: unknown[] = Object.values({ ...pair, ...wrong })
      const secrets = [pair.secret_key, ...sent].filter((value) => String(value).length > 12)
      for (const secret of secrets.map(String).filter((value) => /^(PK|fake)/.test(value))) {
        expect(text).not.toContain(secret)
        expect(on.app.logged.join('\n')).not.toContain(secret)
      }
    })

    it('an unknown type by naming those that are known', async () => {
      const owner = await member()
      const account_id = await createTradingAccount(on.app, owner)
      const { body } = await tryToStore(on.app, owner, { account_id, credential_type: 'my_bank' })
      expect(body).toMatchObject({
        type: `${PROBLEM}vault.type_unknown`,
        detail: 'This type of credential is not known; choose one of alpaca_paper, alpaca_live.',
      })
    })

    it('what the broker refuses: a wrong pair, and one of the other environment', async () => {
      const owner = await member()
      const account_id = await createTradingAccount(on.app, owner)
      const store = (pair: object) => tryToStore(on.app, owner, { account_id, validate: true, ...pair })
      const wrong = await store({ api_key: 'PKWRONG', secret_key: 'not-a-secret' })
      expect([wrong.status, wrong.body.code]).toEqual([422, 'vault.key_refused'])
      expect(wrong.body.errors).toMatchObject([{ path: 'body.api_key', code: 'rejected' }])
      const other = await store(newPair('live'))
      expect([other.status, other.body.code]).toEqual([422, 'vault.key_refused'])
      expect(other.body.errors).toMatchObject([{ path: 'body.api_key', code: 'wrong_environment' }])
      expect(other.body.detail).toContain('store it as alpaca_live')
      expect(await storedOf(owner.id)).toEqual([])
      expect(await storedText(on.app)).not.toContain('not-a-secret')
    })

    it('the very same pair of the same member, whatever it is called; another member may have it', async () => {
      const [owner, other] = [await member(), await member()]
      const pair = newPair()
      const { account_id } = await storeCredential(on.app, owner, pair)
      const again = await tryToStore(on.app, owner, { account_id, ...pair, nickname: 'Again' })
      expect([again.status, again.body.code]).toEqual([409, 'vault.already_stored'])
      expect(await storedOf(owner.id)).toHaveLength(1)
      expect((await storeCredential(on.app, other, pair)).user_id).toBe(other.id)
    })
  })

  it('stores a tried paper pair: sealed, hinted at, and told of nobody', async () => {
    const owner = await member()
    const account_id = await createTradingAccount(on.app, owner)
    const pair = newPair()
    const wish = {
      account_id,
      ...pair,
      validate: true,
      nickname: '  Swing\u0301 ',
      expires_at: later(30 * DAY),
    }
    const { status, body, text, headers } = await tryToStore(on.app, owner, wish)
    expect(status, text).toBe(201)
    const now = on.app.clock.now().toISOString()
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      created_at: now,
      updated_at: now,
      account_id,
      user_id: owner.id,
      credential_type: 'alpaca_paper',
      nickname: 'Swinǵ',
      environment: 'paper',
      key_hint: pair.api_key.slice(-4),
      key_version: 1,
      is_active: true,
      is_default: false,
      is_trading_enabled: false,
      expires_at: later(30 * DAY),
      last_used_at: null,
      last_validated_at: now,
      last_validation: 'ok',
      version: 1,
    })
    expect([headers.get('etag'), headers.get('cache-control')]).toEqual(['"1"', 'no-store'])
    expect(callsWith(on.broker, pair.api_key)).toBe(1)
    const everything = text + (await storedText(on.app)) + on.app.logged.join('\n')
    for (const secret of Object.values(pair)) {
      for (const encoding of ['utf8', 'hex', 'base64', 'base64url'] as const) {
        expect(everything).not.toContain(Buffer.from(secret).toString(encoding).slice(0, 24))
      }
    }
    const entries = await credentialEntries(on.app, String(body.id))
    expect(entries).toMatchObject([
      { action: 'credential.stored', result: 'ok', actor_id: owner.id, address: '127.0.0.1' },
    ])
    await on.app.settle()
    expect(on.app.mail.to(owner.email)).toEqual([])
  })

  it('tells the owner of a live pair by mail', async () => {
    const owner = await member()
    const { key_hint } = await storeCredential(on.app, owner, { ...live(), nickname: 'Real <b>money</b>' })
    await on.app.settle()
    const [mail, ...others] = on.app.mail.to(owner.email)
    expect(others).toEqual([])
    expect(mail?.text).toContain('a live broker key was stored')
    expect(mail?.text).toContain(`It is called “Real <b>money</b>”, and its key ends in ${key_hint}.`)
    expect(mail?.html).not.toContain('<b>money')
  })

  it.each([undefined, null, '', '   ', '\u200b', '\u00a0\u2003'])(
    'calls it after its type for %j',
    async (nickname) => {
      const owner = await member()
      const stored = await storeCredential(on.app, owner, nickname === undefined ? {} : { nickname })
      expect(stored.nickname).toBe('alpaca_paper')
      expect((await credentialRow(on.app, stored.id))?.nickname).toBe('alpaca_paper')
    },
  )

  it('takes several of one type, of one name, and 255 characters once trimmed', async () => {
    const owner = await member()
    const account_id = await createTradingAccount(on.app, owner)
    const nickname = 'n'.repeat(255)
    for (let count = 1; count <= 3; count++) {
      const stored = await storeCredential(on.app, owner, { account_id, nickname: `  ${nickname}  ` })
      expect(stored.nickname).toBe(nickname)
      expect(await storedOf(owner.id)).toHaveLength(count)
    }
  })

  it('stores what the broker cannot judge now, with what it said', async () => {
    const owner = await member()
    const account_id = await createTradingAccount(on.app, owner)
    const keep = async (prepare: (keyId: string) => unknown) => {
      const pair = newPair()
      prepare(pair.api_key)
      return (await tryToStore(on.app, owner, { account_id, ...pair, validate: true })).body
    }
    const { controls } = on.broker
    const environment = 'paper' as const
    const blocked = await keep((keyId) => controls.account({ environment, keyId, standing: 'blocked' }))
    expect(blocked).toMatchObject({ last_validation: 'blocked', is_active: true })
    const limited = await keep((keyId) => controls.fault({ kind: 'rate_limited', keyId }))
    expect(limited).toMatchObject({ last_validation: 'rate_limited' })
    const down = await keep((keyId) => controls.fault({ kind: 'server_error', keyId }))
    expect(down).toMatchObject({ last_validation: 'unreachable' })
    controls.clearFaults({})
    expect(await storedOf(owner.id)).toHaveLength(3)
    const untried = await storeCredential(on.app, owner, { account_id })
    expect(untried).toMatchObject({ last_validation: null, last_validated_at: null, environment: 'paper' })
  })

  it('makes one of 20 requests at once with one pair', async () => {
    const owner = await member()
    const account_id = await createTradingAccount(on.app, owner)
    const pair = newPair()
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => tryToStore(on.app, owner, { account_id, ...pair })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(409)])
    expect(await storedOf(owner.id)).toHaveLength(1)
  })

  it('lets 20 at once at most fill the fifty', async () => {
    const owner = await member()
    const account_id = await createTradingAccount(on.app, owner)
    const store = (count: number) =>
      Promise.all(Array.from({ length: count }, () => tryToStore(on.app, owner, { account_id })))
    const first = [...(await store(25)), ...(await store(24))]
    expect(new Set(first.map(({ status }) => status))).toEqual(new Set([201]))
    const answers = await store(20)
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(422)])
    const refused = answers.find(({ status }) => status === 422)?.body
    expect(refused).toMatchObject({
      code: 'vault.too_many_credentials',
      errors: [{ path: 'body.account_id', message: refused?.detail }],
    })
    const rows = await storedOf(owner.id)
    expect(rows).toHaveLength(50)
    await on.app.send('DELETE', `/credentials/${String(rows[0]?.id)}`, { token: owner.accessToken })
    expect((await tryToStore(on.app, owner, { account_id })).status).toBe(201)
    expect((await tryToStore(on.app, owner, { account_id })).status).toBe(422)
  })

  it('leaves no orphan when the account is deleted at the same time', async () => {
    const owner = await member()
    const account_id = await createTradingAccount(on.app, owner)
    const [deleted, ...answers] = await Promise.all([
      on.app.send('DELETE', `/accounts/${account_id}`, { token: owner.accessToken }),
      ...Array.from({ length: 16 }, () => tryToStore(on.app, owner, { account_id })),
    ])
    expect(deleted?.status).toBe(200)
    expect(answers.every(({ status }) => status === 201 || status === 404)).toBe(true)
    expect(await storedOf(owner.id)).toEqual([])
  })

  describe('with an Idempotency-Key', () => {
    it('gives the same answer again without asking the broker, and keeps no secret', async () => {
      const owner = await member()
      const account_id = await createTradingAccount(on.app, owner)
      const pair = newPair()
      const wish = { account_id, ...pair, validate: true, headers: { 'idempotency-key': `k-${owner.id}` } }
      const first = await tryToStore(on.app, owner, wish)
      const again = await tryToStore(on.app, owner, wish)
      expect([first.status, again.status, again.text]).toEqual([201, 201, first.text])
      expect(again.headers.get('idempotency-replayed')).toBe('true')
      expect([first.headers.get('etag'), again.headers.get('etag')]).toEqual(['"1"', '"1"'])
      expect(callsWith(on.broker, pair.api_key)).toBe(1)
      const other = await tryToStore(on.app, owner, { ...wish, nickname: 'Another' })
      expect(other.status).toBe(422)
      expect(other.body.errors).toMatchObject([{ path: 'headers.idempotency-key' }])
      expect(await storedOf(owner.id)).toHaveLength(1)
      expect(await storedText(on.app)).not.toContain(pair.secret_key)
      expect(await countStored(on.app, 'idempotency_answers')).toBeGreaterThan(0)
    })

    it('stores with the same key once the owner has proven who they are', async () => {
      const owner = await createSignedInMember(on.app)
      const account_id = await createTradingAccount(on.app, owner)
      on.app.clock.advance(6 * MINUTE)
      const wish = { account_id, ...live(), headers: { 'idempotency-key': `k-${owner.id}` } }
      expect((await tryToStore(on.app, owner, wish)).status).toBe(401)
      const proof = { password: owner.password }
      await on.app.send('POST', '/auth/reauthenticate', { token: owner.accessToken, body: proof })
      const stored = await tryToStore(on.app, owner, wish)
      expect([stored.status, (await tryToStore(on.app, owner, wish)).text]).toEqual([201, stored.text])
    })

    it('stores once for 16 requests at once', async () => {
      const owner = await member()
      const account_id = await createTradingAccount(on.app, owner)
      const wish = { account_id, ...newPair(), headers: { 'idempotency-key': `k-${owner.id}` } }
      const answers = await Promise.all(Array.from({ length: 16 }, () => tryToStore(on.app, owner, wish)))
      const made = new Set(answers.filter(({ status }) => status === 201).map(({ text }) => text))
      expect(made.size).toBe(1)
      expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true)
      expect(await storedOf(owner.id)).toHaveLength(1)
    })
  })

  it('stores nothing in a session that ends at the same time', async () => {
    const owner = await createSignedInMember(on.app)
    const account_id = await createTradingAccount(on.app, owner)
    const [, ...answers] = await Promise.all([
      on.app.app.accounts.admin.setPassword(owner.username, 'another long pass phrase, 8'),
      ...Array.from({ length: 8 }, () => tryToStore(on.app, owner, { account_id })),
    ])
    const stored = answers.filter(({ status }) => status === 201).length
    expect(answers.every(({ status }) => status === 201 || status === 401)).toBe(true)
    expect(await storedOf(owner.id)).toHaveLength(stored)
  })
})

forEachVaultApp('POST /credentials/store with limits', { env: { OUTCRY_RATE_LIMITS: 'on' } }, (on) => {
  it('counts new pairs, stored or put in the place of others: ten an hour of each member', async () => {
    const [owner, other] = [await createSignedInMember(on.app), await insertSignedInMember(on.app)]
    const account_id = await createTradingAccount(on.app, owner)
    const first = await storeCredential(on.app, owner, { account_id })
    const statuses: number[] = []
    for (let count = 0; count < 3; count++) {
      expect((await tryToStore(on.app, owner, { account_id, secret_key: '' })).status).toBe(422)
    }
    for (let count = 0; count < 5; count++) {
      statuses.push((await tryToStore(on.app, owner, { account_id })).status)
      const body = newPair()
      const put = { token: owner.accessToken, body }
      statuses.push((await on.app.send('PUT', `/credentials/${first.id}`, put)).status)
    }
    expect(statuses).toEqual([201, 200, 201, 200, 201, 200, 201, 200, 201, 429])
    const wish = { account_id, ...newPair(), headers: { 'idempotency-key': 'later' } }
    const refused = await tryToStore(on.app, owner, wish)
    expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, 3600])
    const put = { token: owner.accessToken, body: newPair() }
    for (const { headers } of [refused, await on.app.send('PUT', `/credentials/${first.id}`, put)]) {
      const told = ['limit', 'remaining', 'reset'].map((name) => headers.get(`ratelimit-${name}`))
      expect(told).toEqual(['10', '0', '3600'])
    }
    const renamed = { token: owner.accessToken, body: { nickname: 'Still' } }
    expect((await on.app.send('PUT', `/credentials/${first.id}`, renamed)).status).toBe(200)
    expect((await storeCredential(on.app, other)).version).toBe(1)
    on.app.clock.advance(HOUR)
    const later = await tryToStore(on.app, await signIn(on.app, owner), wish)
    expect([later.status, later.headers.get('idempotency-replayed')]).toEqual([201, null])
  })

  it('has the limit of new pairs in the document, at both of its routes', async () => {
    const document: unknown = await (await fetch(`${on.app.url}/api/openapi.json`)).json()
    for (const [path, method] of [
      ['store', 'post'],
      ['{id}', 'put'],
    ] as const) {
      const limits = ['paths', `/api/v1/credentials/${path}`, method, 'x-rate-limits']
      expect(document).toHaveProperty(limits, ['10 per 1 h per account'])
    }
  })
})
