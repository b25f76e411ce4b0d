import { expect, it, vi } from 'vitest'
import { DAY } from '../../../platform/durations.ts'
import {
  callsWith,
  credentialEntries,
  credentialRow,
  forEachVaultApp,
  live,
  newPair,
  storeCredential,
} from '../../../testing/factories-vault.ts'
import { insertSignedInMember } from '../../../testing/signed-in-rows.ts'

const NOBODYS = '01890a5d-ac96-774b-bcce-b302099a8057'

forEachVaultApp('POST /credentials/{id}/validate', {}, (on) => {
  const validate = (token: string, id: string) =>
    on.app.send('POST', `/credentials/${id}/validate`, { token })
  const later = (ms: number) => new Date(on.app.clock.now().getTime() + ms).toISOString()
  /** Waits for what the vault process notes behind its answers. */
  const noted = (id: string, column: string, value: unknown) =>
    vi.waitFor(async () => expect((await credentialRow(on.app, id))?.[column]).toEqual(value))

  it('is closed to nobody, and to other members as if it were not there', async () => {
    const [owner, other] = [await insertSignedInMember(on.app), await insertSignedInMember(on.app)]
    const pair = newPair()
    const { id } = await storeCredential(on.app, owner, pair)
    expect((await validate('', id)).status).toBe(401)
    const foreign = await validate(other.accessToken, id)
    const missing = await validate(other.accessToken, NOBODYS)
    const bytes = ({ text, body }: typeof foreign) => text.replace(String(body.instance), '')
    expect([foreign.status, foreign.body.code]).toEqual([404, 'vault.credential_not_found'])
    expect(bytes(missing)).toBe(bytes(foreign))
    expect(callsWith(on.broker, pair.api_key)).toBe(0)
    expect(await credentialEntries(on.app, id, 'credential.used')).toEqual([])
  })

  it('says what the broker makes of the key, and notes it', async () => {
    const owner = await insertSignedInMember(on.app)
    for (const environment of ['paper', 'live'] as const) {
      const { id } = await storeCredential(on.app, owner, environment === 'live' ? live() : {})
      on.app.clock.advance(1_000)
      const { status, body } = await validate(owner.accessToken, id)
      expect([status, body]).toEqual([
        200,
        {
          is_valid: true,
          message: 'The broker accepts this key.',
          account_type: environment,
          outcome: 'ok',
        },
      ])
      const seen = await on.app.send('GET', `/credentials/${id}`, { token: owner.accessToken })
      expect(seen.body).toMatchObject({ last_validation: 'ok', last_validated_at: later(0), version: 1 })
      const used = await credentialEntries(on.app, id, 'credential.used')
      expect(used).toMatchObject([{ result: 'ok', actor_id: owner.id, address: '127.0.0.1' }])
      expect(JSON.stringify(used)).toContain('validate')
    }
  })

  it('answers 200 for a key that is rejected, blocked or held back, without the words of the broker', async () => {
    const owner = await insertSignedInMember(on.app)
    const { controls } = on.broker
    const environment = 'paper' as const
    const tried = async (prepare: (keyId: string) => unknown) => {
      const pair = newPair()
      const { id } = await storeCredential(on.app, owner, pair)
      prepare(pair.api_key)
      const { status, body, text } = await validate(owner.accessToken, id)
      expect(text).not.toContain('forbidden.')
      return { status, ...body, noted: (await credentialRow(on.app, id))?.last_validation }
    }
    expect(await tried((keyId) => controls.key({ environment, keyId, action: 'revoke' }))).toMatchObject({
      ...{ status: 200, is_valid: false, account_type: null, outcome: 'rejected', noted: 'rejected' },
      message: 'The broker does not accept this key; replace it with a new one.',
    })
    expect(
      await tried((keyId) => controls.account({ environment, keyId, standing: 'blocked' })),
    ).toMatchObject({
      ...{ status: 200, is_valid: true, account_type: 'paper', outcome: 'blocked', noted: 'blocked' },
    })
    expect(await tried((keyId) => controls.fault({ kind: 'rate_limited', keyId }))).toMatchObject({
      ...{ status: 200, is_valid: false, account_type: null, outcome: 'rate_limited', noted: 'rate_limited' },
    })
    controls.clearFaults({})
  })

  it('tells a key of the other environment from one that is revoked', async () => {
    const owner = await insertSignedInMember(on.app)
    const pair = newPair('live')
    const wish = { ...pair, credential_type: 'alpaca_paper', validate: false }
    const { id } = await storeCredential(on.app, owner, wish)
    const { status, body } = await validate(owner.accessToken, id)
    expect([status, body]).toEqual([
      200,
      {
        is_valid: false,
        message: 'This key belongs to the other environment; store it there and delete it here.',
        account_type: null,
        outcome: 'wrong_environment',
      },
    ])
    await noted(id, 'rejections', 1)
    expect(await credentialRow(on.app, id)).toMatchObject({ last_validation: 'wrong_environment' })
  })

  it('answers 503 when the broker is not to be reached, notes it, and opens what was closed afterwards', async () => {
    const owner = await insertSignedInMember(on.app)
    const pair = newPair()
    const { id } = await storeCredential(on.app, owner, pair)
    for (const kind of ['server_error', 'html', 'reset'] as const) {
      on.broker.controls.fault({ kind, keyId: pair.api_key })
      const { status, body } = await validate(owner.accessToken, id)
      expect([kind, status, body.code]).toEqual([kind, 503, 'vault.broker_unreachable'])
      on.broker.controls.clearFaults({})
    }
    expect((await credentialRow(on.app, id))?.last_validation).toBe('unreachable')
    expect((await validate(owner.accessToken, id)).body.is_valid).toBe(true)
  })

  it('answers 400 for a key that is switched off or has expired, and asks nobody', async () => {
    const owner = await insertSignedInMember(on.app)
    const token = owner.accessToken
    const pair = newPair()
    const { id } = await storeCredential(on.app, owner, { ...pair, expires_at: later(60_000) })
    await on.app.send('PUT', `/credentials/${id}`, { token, body: { is_active: false } })
    const off = await validate(token, id)
    expect([off.status, off.body.code]).toEqual([400, 'vault.credential_inactive'])
    await on.app.send('PUT', `/credentials/${id}`, { token, body: { is_active: true } })
    on.app.clock.advance(60_000)
    expect((await validate(token, id)).body.code).toBe('vault.credential_inactive')
    const seen = await on.app.send('GET', `/credentials/${id}`, { token })
    expect(seen.body.is_active).toBe(true)
    expect(callsWith(on.broker, pair.api_key)).toBe(0)
    expect(await credentialEntries(on.app, id, 'credential.used')).toEqual([])
    await on.app.send('PUT', `/credentials/${id}`, { token, body: { expires_at: later(DAY) } })
    expect((await validate(token, id)).status).toBe(200)
  })

  it('switches off after three rejections in a row, and tells its owner once', async () => {
    const owner = await insertSignedInMember(on.app)
    const token = owner.accessToken
    const pair = newPair()
    const { id } = await storeCredential(on.app, owner, { ...pair, nickname: 'Weary' })
    await on.app.send('PUT', `/credentials/${id}`, { token, body: { is_default: true } })
    const key = (action: 'revoke' | 'restore') =>
      on.broker.controls.key({ environment: 'paper', keyId: pair.api_key, action })
    const rejections = async (count: number) => {
      for (let done = 1; done <= count; done++) {
        expect((await validate(token, id)).body.outcome).toBe('rejected')
        await noted(id, 'rejections', done)
      }
    }
    key('revoke')
    await rejections(2)
    key('restore')
    expect((await validate(token, id)).body.is_valid).toBe(true)
    await noted(id, 'rejections', 0)
    key('revoke')
    await rejections(3)
    await noted(id, 'is_active', on.dialect === 'sqlite' ? 0 : false)
    expect((await validate(token, id)).body.code).toBe('vault.credential_inactive')
    await on.app.settle()
    on.app.clock.advance(60_000)
    await on.app.settle()
    const texts = on.app.mail.to(owner.email).map(({ text }) => text)
    const told = texts.filter((text) => text.includes('a broker key was switched off'))
    expect(told).toHaveLength(1)
    expect(told[0]).toContain('“Weary”')
    expect(Boolean((await credentialRow(on.app, id))?.is_default)).toBe(false)
    key('restore')
    const back = await on.app.send('PUT', `/credentials/${id}`, { token, body: { is_active: true } })
    expect(back.body.is_active).toBe(true)
    expect((await validate(token, id)).body.is_valid).toBe(true)
  })
})

forEachVaultApp(
  'POST /credentials/{id}/validate with limits',
  { env: { OUTCRY_RATE_LIMITS: 'on' } },
  (on) => {
    it('takes sixty a minute from one member', async () => {
      const owner = await insertSignedInMember(on.app)
      const statuses = await Promise.all(
        Array.from({ length: 61 }, () =>
          on.app.send('POST', `/credentials/${NOBODYS}/validate`, { token: owner.accessToken }),
        ),
      )
      const refused = statuses.filter(({ status }) => status === 429)
      expect(refused).toHaveLength(1)
      expect(Number(refused[0]?.headers.get('retry-after'))).toBeLessThanOrEqual(60)
    })
  },
)
