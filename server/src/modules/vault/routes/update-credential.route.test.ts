import { describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../../platform/durations.ts'
import { createSignedInMember, type SignedInMember } from '../../../testing/factories.ts'
import {
  callsWith,
  createTradingAccount,
  credentialEntries,
  credentialRow,
  forEachVaultApp,
  live,
  newPair,
  storeCredential,
} from '../../../testing/factories-vault.ts'
import { insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { storedOf, storedRows, storedText } from '../../../testing/stored-rows.ts'

const NOBODYS = '01890a5d-ac96-774b-bcce-b302099a8057'

forEachVaultApp('PUT /credentials/{id}', {}, (on) => {
  const member = () => insertSignedInMember(on.app)
  const later = (ms: number) => new Date(on.app.clock.now().getTime() + ms).toISOString()
  const put = (
    { accessToken: token }: Pick<SignedInMember, 'accessToken'>,
    id: string,
    { ifMatch, ...body }: { readonly ifMatch?: string; readonly [field: string]: unknown },
  ) => {
    const headers = ifMatch === undefined ? {} : { 'if-match': ifMatch }
    return on.app.send('PUT', `/credentials/${id}`, { token, body, headers })
  }
  const unchanged = async (id: string, work: () => Promise<unknown>) => {
    const before = await credentialRow(on.app, id)
    await work()
    expect(await credentialRow(on.app, id)).toEqual(before)
  }

  it('is closed to nobody, and to other members as if it were not there', async () => {
    const [owner, other] = [await member(), await member()]
    const { id } = await storeCredential(on.app, owner)
    await unchanged(id, async () => {
      expect((await put({ accessToken: '' }, id, { nickname: 'x' })).status).toBe(401)
      const foreign = await put(other, id, { nickname: 'x' })
      expect([foreign.status, foreign.body.code]).toEqual([404, 'vault.credential_not_found'])
      const bytes = ({ text, body }: typeof foreign) => text.replace(String(body.instance), '')
      for (const missing of [NOBODYS, 'no-id', id.toUpperCase(), 'n'.repeat(2_000)]) {
        expect(bytes(await put(other, missing, { nickname: 'x' }))).toBe(bytes(foreign))
      }
      expect(bytes(await put(other, id, {}))).toBe(bytes(foreign))
    })
    expect(await credentialEntries(on.app, id)).toHaveLength(1)
    const entries = await storedRows(on.app, 'audit_events', `actor_id = '${other.id}'`)
    expect(entries.map(({ action, result }) => `${action} ${result}`)).toContain('credential.changed refused')
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['nothing', {}, '400 vault.nothing_given'],
    [
      'nothing that it knows',
      { environment: 'live', user_id: NOBODYS, version: 9 },
      '400 vault.nothing_given',
    ],
    ['half a pair, the key', { api_key: 'PKFAKE1' }, '422 body.secret_key'],
    ['half a pair, the secret', { secret_key: 'fake-secret-1' }, '422 body.api_key'],
    ['a key with NUL', { api_key: 'PKFAKE\u0000', secret_key: 'fake-secret-1' }, '422 body.api_key'],
    ['a nickname with bidi marks', { nickname: '\u202eevil' }, '422 body.nickname'],
    ['a nickname that is too long', { nickname: 'n'.repeat(256) }, '422 body.nickname'],
    ['a choice that is none', { is_active: 'perhaps' }, '422 body.is_active'],
    ['an expiry that is past', { expires_at: '2001-01-01T00:00:00Z' }, '422 body.expires_at'],
    [
      'a default that is switched off',
      { is_active: false, is_default: true },
      '400 vault.credential_inactive',
    ],
  ])('refuses %s', async (_what, body, told) => {
    const owner = await member()
    const { id } = await storeCredential(on.app, owner)
    await unchanged(id, async () => {
      const answer = await put(owner, id, body)
      const [error] = (answer.body.errors ?? []) as { path: string }[]
      expect(`${answer.status} ${error?.path ?? answer.body.code}`).toBe(told)
    })
  })

  describe('of a live key', () => {
    it('asks for a proof of the last five minutes before a change that widens what it can do', async () => {
      const owner = await createSignedInMember(on.app)
      const { id } = await storeCredential(on.app, owner, { ...live(), expires_at: later(30 * DAY) })
      await put(owner, id, { is_active: false })
      on.app.clock.advance(6 * MINUTE)
      const widening = [
        { is_active: true },
        { is_trading_enabled: true },
        { expires_at: later(31 * DAY) },
        { expires_at: null },
        newPair('live'),
        { nickname: 'hidden in this', is_trading_enabled: true },
      ]
      await unchanged(id, async () => {
        for (const body of widening) {
          const { status, body: said, headers } = await put(owner, id, body)
          expect([status, said.code]).toEqual([401, 'http.insufficient_user_authentication'])
          expect(headers.get('www-authenticate')).toContain('max_age=300')
        }
      })
      const refused = await credentialEntries(on.app, id)
      expect(refused.filter(({ result }) => result === 'refused')).toHaveLength(widening.length)
      const narrowing = [{ nickname: 'Named' }, { expires_at: later(DAY) }, { is_trading_enabled: false }]
      for (const body of [...narrowing, { is_active: false }]) {
        expect((await put(owner, id, body)).status).toBe(200)
      }
      const proof = { password: owner.password }
      await on.app.send('POST', '/auth/reauthenticate', { token: owner.accessToken, body: proof })
      for (const body of [{ is_active: true }, { is_trading_enabled: true }, { expires_at: null }]) {
        expect((await put(owner, id, body)).body).toMatchObject(body)
      }
    })

    it('tells its owner by mail of a new pair', async () => {
      const owner = await member()
      const { id } = await storeCredential(on.app, owner, live())
      const pair = newPair('live')
      expect((await put(owner, id, pair)).status).toBe(200)
      await on.app.settle()
      const texts = on.app.mail.to(owner.email).map(({ text }) => text)
      expect(texts.filter((text) => text.includes('was replaced by another one'))).toHaveLength(1)
      expect(texts.join()).toContain(`the new key ends in ${pair.api_key.slice(-4)}`)
    })
  })

  it('asks for the sign-in of today before a new paper pair, and for nothing before the rest', async () => {
    const owner = await createSignedInMember(on.app)
    const { id } = await storeCredential(on.app, owner, { expires_at: later(30 * DAY) })
    await put(owner, id, { is_active: false })
    on.app.clock.advance(10 * MINUTE)
    const easy = [{ is_active: true }, { is_trading_enabled: true }, { expires_at: null }, newPair()]
    for (const body of easy) expect((await put(owner, id, body)).status).toBe(200)
    let { accessToken, refreshToken } = owner
    for (let hours = 0; hours < 12; hours++) {
      on.app.clock.advance(HOUR)
      const { body } = await on.app.send('POST', '/auth/refresh', { body: { refresh_token: refreshToken } })
      accessToken = String(body.access_token)
      refreshToken = String(body.refresh_token)
    }
    const old = await put({ accessToken }, id, newPair())
    expect([old.status, old.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('max_age=43200'),
    ])
    expect((await put({ accessToken }, id, { nickname: 'Late' })).status).toBe(200)
  })

  it('changes what is given, keeps the rest, and counts the version up', async () => {
    const owner = await member()
    const stored = await storeCredential(on.app, owner, { nickname: 'First' })
    on.app.clock.advance(1_000)
    const renamed = await put(owner, stored.id, { nickname: '  Second ' })
    expect(renamed.body).toEqual({ ...stored, nickname: 'Second', version: 2, updated_at: later(0) })
    expect(renamed.headers.get('etag')).toBe('"2"')
    const blank = await put(owner, stored.id, { nickname: ' ' })
    expect(blank.body).toMatchObject({ nickname: 'alpaca_paper', version: 3 })
    const off = await put(owner, stored.id, { is_active: false, expires_at: later(DAY) })
    expect(off.body).toMatchObject({ is_active: false, expires_at: later(DAY), version: 4 })
    const actions = (await credentialEntries(on.app, stored.id)).map(({ action }) => action)
    const renames = ['credential.renamed', 'credential.renamed']
    expect(actions).toEqual(['credential.stored', ...renames, 'credential.changed'])
  })

  it('changes nothing that If-Match has not seen', async () => {
    const owner = await member()
    const { id } = await storeCredential(on.app, owner)
    await put(owner, id, { nickname: 'Two' })
    await unchanged(id, async () => {
      for (const tag of ['"1"', '1', 'W/"2"', '"02"', 'two', '""', '"', 'x'.repeat(200), '"1", "3"']) {
        const { status, body } = await put(owner, id, { nickname: 'Not', ifMatch: tag })
        expect([tag, status, body.code]).toEqual([tag, 412, 'vault.version_stale'])
      }
    })
    for (const tag of ['"2"', '3', '"1", "4"', '*']) {
      expect((await put(owner, id, { nickname: tag, ifMatch: tag })).status).toBe(200)
    }
  })

  it('lets one of 20 changes at once of one version through', async () => {
    const owner = await member()
    const { id } = await storeCredential(on.app, owner)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => put(owner, id, { nickname: `Name ${n}`, ifMatch: '"1"' })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(412)])
    expect((await credentialRow(on.app, id))?.version).toBe(2)
  })

  describe('with a new pair', () => {
    it('leaves no byte of the old one, in the database or its log, after a minute', async () => {
      const owner = await member()
      const { id } = await storeCredential(on.app, owner)
      const sealed: Uint8Array[] = []
      for (let pairs = 0; pairs < 3; pairs++) {
        const row = await credentialRow(on.app, id)
        const old = [row?.api_key, row?.secret_key, row?.fingerprint].map((bytes) => bytes as Uint8Array)
        expect(await storedOf(on.app, old)).toEqual(old)
        sealed.push(...old)
        expect((await put(owner, id, newPair())).status).toBe(200)
      }
      on.app.clock.advance(MINUTE)
      await on.app.settle()
      expect(await storedOf(on.app, sealed)).toEqual([])
    })

    it('tries it, puts it in the place of the old one, and forgets the rejections', async () => {
      const owner = await member()
      const old = newPair()
      const stored = await storeCredential(on.app, owner, old)
      const pair = newPair()
      on.app.clock.advance(1_000)
      const before = await credentialRow(on.app, stored.id)
      const { status, body } = await put(owner, stored.id, { ...pair, nickname: 'New' })
      expect(status).toBe(200)
      expect(body).toMatchObject({
        nickname: 'New',
        key_hint: pair.api_key.slice(-4),
        key_version: 2,
        version: 2,
        environment: 'paper',
        last_validation: 'ok',
        last_validated_at: later(0),
      })
      const after = await credentialRow(on.app, stored.id)
      for (const column of ['api_key', 'secret_key', 'fingerprint']) {
        expect(after?.[column]).not.toEqual(before?.[column])
      }
      expect(await storedText(on.app)).not.toContain(pair.secret_key)
      const validated = await on.app.send('POST', `/credentials/${stored.id}/validate`, {
        token: owner.accessToken,
      })
      expect(validated.body).toMatchObject({ is_valid: true })
      expect([callsWith(on.broker, old.api_key), callsWith(on.broker, pair.api_key)]).toEqual([0, 2])
    })

    it('keeps the old one when the broker refuses the new one or cannot judge it', async () => {
      const owner = await member()
      const { id } = await storeCredential(on.app, owner)
      await unchanged(id, async () => {
        const wrong = await put(owner, id, { api_key: 'PKWRONG', secret_key: 'not-a-secret' })
        expect([wrong.status, wrong.body.code]).toEqual([422, 'vault.key_refused'])
        expect(wrong.body.errors).toMatchObject([{ path: 'body.api_key', code: 'rejected' }])
        const other = await put(owner, id, newPair('live'))
        expect([other.status, other.body.code]).toEqual([422, 'vault.key_refused'])
        expect(other.body.errors).toMatchObject([{ path: 'body.api_key', code: 'wrong_environment' }])
        for (const [kind, told] of [
          ['server_error', '503 vault.broker_unreachable'],
          ['reset', '503 vault.broker_unreachable'],
          ['rate_limited', '429 vault.broker_rate_limited'],
        ] as const) {
          const pair = newPair()
          on.broker.controls.fault({ kind, keyId: pair.api_key })
          const down = await put(owner, id, { ...pair, nickname: 'Not' })
          expect([kind, `${down.status} ${down.body.code}`]).toEqual([kind, told])
          expect(down.headers.get('retry-after')).toBe('60')
          const left = ['remaining', 'reset'].map((name) => down.headers.get(`ratelimit-${name}`))
          expect(left).toEqual(kind === 'rate_limited' ? ['0', '60'] : [null, null])
        }
        on.broker.controls.clearFaults({})
      })
    })

    it('refuses one that is stored already', async () => {
      const owner = await member()
      const pair = newPair()
      const { account_id } = await storeCredential(on.app, owner, pair)
      const other = await storeCredential(on.app, owner, { account_id })
      await unchanged(other.id, async () => {
        const { status, body } = await put(owner, other.id, pair)
        expect([status, body.code]).toEqual([409, 'vault.already_stored'])
      })
    })

    it('lets one of 8 new pairs at once through, without If-Match too', async () => {
      const owner = await member()
      const { id } = await storeCredential(on.app, owner)
      const pairs = Array.from({ length: 8 }, () => newPair())
      const answers = await Promise.all(pairs.map((pair) => put(owner, id, pair)))
      const won = answers.flatMap(({ status, body }) => (status === 200 ? [body] : []))
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 412]))
      const row = await credentialRow(on.app, id)
      expect(row?.key_version).toBe(1 + won.length)
      expect(won.map(({ key_hint }) => key_hint)).toContain(row?.key_hint)
      expect(won.length).toBeLessThan(8)
    })
  })

  describe('the default of an account', () => {
    it('is one at most, set and taken away by its owner', async () => {
      const owner = await member()
      const account_id = await createTradingAccount(on.app, owner)
      const [one, two] = [
        await storeCredential(on.app, owner, { account_id }),
        await storeCredential(on.app, owner, { account_id }),
      ]
      const elsewhere = await storeCredential(on.app, owner)
      for (const { id } of [elsewhere, one, two]) {
        expect((await put(owner, id, { is_default: true })).body.is_default).toBe(true)
      }
      const defaults = async () =>
        (await storedRows(on.app, 'user_credentials', `user_id = '${owner.id}' and is_default`))
          .map(({ id }) => id)
          .sort()
      expect(await defaults()).toEqual([elsewhere.id, two.id].sort())
      expect((await credentialRow(on.app, one.id))?.version).toBe(3)
      await put(owner, two.id, { is_active: false })
      expect(await defaults()).toEqual([elsewhere.id])
      const refused = await put(owner, two.id, { is_default: true })
      expect([refused.status, refused.body.code]).toEqual([400, 'vault.credential_inactive'])
      await put(owner, elsewhere.id, { is_default: false })
      expect(await defaults()).toEqual([])
    })

    it('is one after 20 wishes at once', async () => {
      const owner = await member()
      const account_id = await createTradingAccount(on.app, owner)
      const all = await Promise.all(
        Array.from({ length: 20 }, () => storeCredential(on.app, owner, { account_id })),
      )
      const answers = await Promise.all(all.map(({ id }) => put(owner, id, { is_default: true })))
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
      const where = `user_account_id = '${account_id}' and is_default`
      expect(await storedRows(on.app, 'user_credentials', where)).toHaveLength(1)
    })
  })
})
