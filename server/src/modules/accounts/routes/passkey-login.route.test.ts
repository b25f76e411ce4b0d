import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { HOUR, MINUTE } from '../../../platform/durations.ts'
import {
  changeMember,
  createSignedInMember,
  PASSWORD,
  type SignedInMember,
  tryToSignIn,
} from '../../../testing/factories.ts'
import {
  addPasskey,
  creationOptions,
  requestOptions,
  sendPasskeyLogin,
  tryPasskeyLogin,
} from '../../../testing/passkeys.ts'
import {
  type Falsified,
  FLAGS,
  type SoftwareAuthenticator,
  softwareAuthenticator,
} from '../../../testing/software-authenticator.ts'
import { type Answer, forEachApp, startTestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

const { UP, UV, AT, BE, BS, ED } = FLAGS
const base64url = (data: Uint8Array | string) => Buffer.from(data).toString('base64url')
const stranger = softwareAuthenticator()
const lastBitFlipped = (bytes: Buffer) => {
  const changed = Buffer.from(bytes)
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
  return changed
}

const clientData: [string, Record<string, unknown>][] = [
  ['the type of another ceremony', { type: 'webauthn.create' }],
  ['the type of a payment', { type: 'payment.get' }],
  ['no type', { type: undefined }],
  ['another challenge', { challenge: base64url(randomBytes(32)) }],
  ['no challenge', { challenge: undefined }],
  ['a challenge that is no text', { challenge: ['x'] }],
  ['https for http', { origin: 'https://localhost:4000' }],
  ['another port', { origin: 'http://localhost:4001' }],
  ['no port', { origin: 'http://localhost' }],
  ['a subdomain', { origin: 'http://a.localhost:4000' }],
  ['a trailing dot', { origin: 'http://localhost.:4000' }],
  ['a trailing slash', { origin: 'http://localhost:4000/' }],
  ['capitals', { origin: 'HTTP://LOCALHOST:4000' }],
  ['a longer name', { origin: 'http://localhost:4000.example.com' }],
  ['the origin null', { origin: 'null' }],
  ['no origin', { origin: undefined }],
  ['a list of origins', { origin: ['http://localhost:4000'] }],
  ['a frame of another site', { crossOrigin: true }],
  ['a frame in words', { crossOrigin: 'true' }],
  ['a page around it', { topOrigin: 'http://localhost:4000' }],
]

const lies: [string, Falsified][] = [
  ...clientData.map(([what, changes]): [string, Falsified] => [what, { clientData: changes }]),
  ['another site’s id', { rpId: 'example.com' }],
  ['a subdomain’s id', { rpId: 'a.localhost' }],
  ['the port in the id', { rpId: 'localhost:4000' }],
  ['nobody present', { flags: UV }],
  ['nobody verified', { flags: UP }],
  ['nobody at all', { flags: 0 }],
  ['a backup that cannot be', { flags: UP | UV | BS }],
  ['a credential that is not there', { flags: UP | UV | AT }],
  ['extensions that are not there', { flags: UP | UV | ED }],
  ['no authenticator data', { authData: () => Buffer.from([1]) }],
  ['authenticator data of 36 bytes', { authData: (data) => data.subarray(0, 36) }],
  ['bytes too many', { authData: (data) => Buffer.concat([data, Buffer.from([0])]) }],
  ['the signature of another key', { signWith: stranger }],
  ['a signature with one bit changed', { signature: lastBitFlipped }],
  ['a signature that is cut', { signature: (made) => made.subarray(0, -1) }],
  ['a signature of nothing', { signature: () => Buffer.alloc(70) }],
  ['a signature of zeros in its form', { signature: () => Buffer.from('3006020100020100', 'hex') }],
  ['no user handle', { userHandle: undefined }],
  ['the user handle null', { response: { userHandle: null } }],
  ['an empty user handle', { userHandle: '' }],
  ['the user handle of another', { userHandle: base64url(randomBytes(16)) }],
  ['a user handle that is no base64url', { userHandle: '////' }],
  ['a user handle that is longer', { userHandle: base64url(randomBytes(64)) }],
  ['client data that is no JSON', { response: { clientDataJSON: base64url('{') } }],
  ['client data that is null', { response: { clientDataJSON: base64url('null') } }],
  ['client data in no UTF-8', { response: { clientDataJSON: base64url(randomBytes(99).fill(0xff)) } }],
  ['data in loose base64url', { response: { authenticatorData: 'AB' } }],
  ['a signature in loose base64url', { response: { signature: 'AAAAA' } }],
]

forEachApp('POST /auth/passkeys/login', {}, (on) => {
  let anna: SignedInMember
  let key: SoftwareAuthenticator
  beforeAll(async () => {
    anna = await createSignedInMember(on.app)
    key = (await addPasskey(on.app, anna)).authenticator
  })
  const sessionsOf = ({ id }: { id: string }) => countStored(on.app, 'sessions', `user_id = '${id}'`)
  const passkeyOf = async ({ id }: { id: string }) =>
    (await storedRows(on.app, 'passkeys', `user_id = '${id}'`))[0]
  const refusals = () =>
    storedRows(on.app, 'audit_events', `action = 'sign_in.passkey' and result = 'refused'`)
  const expectRefused = ({ status, body, headers }: Answer) => {
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'accounts.passkey_incorrect' })
    expect(headers.get('www-authenticate')).toBe('Bearer')
  }

  it.each([
    [{}, 'body.credential'],
    [{ credential: null }, 'body.credential'],
    [{ credential: { id: 'x', rawId: 'x', type: 'public-key' } }, 'body.credential.response'],
  ])('refuses the body %j with 422', async (body, path) => {
    const answer = await on.app.send('POST', '/auth/passkeys/login', { body })
    expect(answer.status).toBe(422)
    expect(JSON.stringify(answer.body.errors)).toContain(path)
  })

  it.each(['clientDataJSON', 'authenticatorData', 'signature'])(
    'refuses a malformed %s with 422',
    async (field) => {
      for (const value of ['', 'a+b/', 'YQ==', 'ä', 'A'.repeat(8_193), 7, null]) {
        const credential = key.get({ challenge: 'x' }, { response: { [field]: value } })
        expect((await sendPasskeyLogin(on.app, credential)).status).toBe(422)
      }
    },
  )

  it.each(lies)('refuses %s with the same 401, opens no session and notes no use', async (_what, lie) => {
    const { app } = on
    const [before, row, audited] = [await sessionsOf(anna), await passkeyOf(anna), (await refusals()).length]
    expectRefused(await tryPasskeyLogin(app, key, lie))
    expect(await sessionsOf(anna)).toBe(before)
    expect(await passkeyOf(anna)).toEqual(row)
    expect(await refusals()).toHaveLength(audited + 1)
  })

  it('takes the honest answer after all these', async () => {
    expect((await tryPasskeyLogin(on.app, key)).status).toBe(200)
  })

  it('refuses a credential that nobody has, and that of another member, with the very same answer', async () => {
    const { app } = on
    const ben = await createSignedInMember(app)
    const { authenticator: bens } = await addPasskey(app, ben)
    const asAnna = { ...bens.get(await requestOptions(app), { signWith: bens }), ...idOf(key) }
    const answers = [
      await tryPasskeyLogin(app, stranger, { userHandle: key.userHandle }),
      await sendPasskeyLogin(app, asAnna),
      await tryPasskeyLogin(app, bens, { userHandle: key.userHandle }),
      await tryPasskeyLogin(app, key, { signWith: bens }),
      await sendPasskeyLogin(app, { ...key.get(await requestOptions(app)), rawId: idOf(bens).id }),
      await sendPasskeyLogin(app, key.get({ challenge: 'x' })),
    ]
    answers.forEach(expectRefused)
    expect(new Set(answers.map(({ body }) => JSON.stringify({ ...body, instance: '' }))).size).toBe(1)
    expect(await sessionsOf(ben)).toBe(1)
  })

  it('takes an answer once', async () => {
    const { app } = on
    const credential = key.get(await requestOptions(app))
    expect((await sendPasskeyLogin(app, credential)).status).toBe(200)
    expectRefused(await sendPasskeyLogin(app, credential))
  })

  it('spends the challenge on a failure too', async () => {
    const { app } = on
    for (const lie of [{ flags: UP }, { clientData: { crossOrigin: true } }, { signWith: stranger }]) {
      const options = await requestOptions(app)
      expectRefused(await sendPasskeyLogin(app, key.get(options, lie)))
      expectRefused(await sendPasskeyLogin(app, key.get(options)))
    }
  })

  it('takes no challenge of a registration or of a proof, which stay good for what they are for', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const { authenticator } = await addPasskey(app, member)
    const [adding, proving] = [
      await creationOptions(app, member),
      await requestOptions(app, member.accessToken),
    ]
    for (const options of [adding, proving])
      expectRefused(await sendPasskeyLogin(app, authenticator.get(options)))
    expect(await countStored(app, 'passkey_challenges', `user_id = '${member.id}'`)).toBe(2)
  })

  it('takes a challenge for five minutes', async () => {
    const { app } = on
    const [inTime, late] = [await requestOptions(app), await requestOptions(app)]
    app.clock.advance(5 * MINUTE - 1)
    expect((await sendPasskeyLogin(app, key.get(inTime))).status).toBe(200)
    app.clock.advance(1)
    expectRefused(await sendPasskeyLogin(app, key.get(late)))
  })

  it('takes what one browser began from that browser alone', async () => {
    const { app } = on
    const browser = { 'sec-fetch-site': 'same-origin' }
    const begin = async () => {
      const { body, headers } = await app.send('POST', '/auth/passkeys/login/options', { headers: browser })
      const cookie = headers.get('set-cookie')?.split(';')[0] ?? ''
      return { challenge: String(body.challenge), cookie }
    }
    const send = ({ challenge }: { challenge: string }, cookie: string) =>
      app.send('POST', '/auth/passkeys/login', {
        body: { credential: key.get({ challenge }) },
        headers: cookie === '' ? browser : { ...browser, cookie },
      })
    const [one, two] = [await begin(), await begin()]
    expectRefused(await send(one, ''))
    expectRefused(await send(one, two.cookie))
    expectRefused(await send(one, `${one.cookie}; ${one.cookie}`))
    expectRefused(await sendPasskeyLogin(app, key.get({ challenge: one.challenge })))
    expect((await send(one, one.cookie)).status).toBe(200)
    expect((await send(two, two.cookie)).status).toBe(200)
  })

  it.each(['EdDSA', 'ES256', 'RS256'] as const)('signs in with %s, again and again', async (algorithm) => {
    const { app } = on
    const member = await createSignedInMember(app)
    const { authenticator } = await addPasskey(app, member, softwareAuthenticator({ algorithm }))
    for (let n = 1; n <= 3; n++) {
      app.clock.advance(MINUTE)
      const { status, body } = await tryPasskeyLogin(app, authenticator)
      expect(status).toBe(200)
      expect(Object.keys(body).sort()).toEqual(['access_token', 'expires_in', 'refresh_token', 'token_type'])
      const me = await app.send('GET', '/auth/me', { token: String(body.access_token) })
      expect(me.body.id).toBe(member.id)
      const row = await passkeyOf(member)
      expect(Number(row?.sign_count)).toBe(n)
      expect(row?.last_used_at).not.toBeNull()
    }
  })

  it.each([
    ['bound to one device', {}, 'hwk'],
    ['that may be synchronised', { flags: UP | UV | BE }, 'swk'],
    ['that is synchronised', { flags: UP | UV | BE | BS }, 'swk'],
  ])(
    'says in the session, the token and the audit log that a passkey %s was used',
    async (_what, lie, factor) => {
      const { app } = on
      const { status, body } = await tryPasskeyLogin(app, key, lie)
      expect(status).toBe(200)
      const token = String(body.access_token)
      const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
      expect(claims.amr).toEqual([factor, 'user', 'mfa'])
      const { body: sessions } = await app.send('GET', '/auth/sessions', { token })
      const current = (sessions.items as { current: boolean; factors: string[] }[]).find((one) => one.current)
      expect(current?.factors).toEqual([factor, 'user', 'mfa'])
      const audited = await storedRows(app, 'audit_events', `session_id = '${claims.sid}'`)
      expect(audited).toMatchObject([
        { action: 'sign_in.passkey', result: 'ok', factor: `${factor} user mfa`, actor_id: anna.id },
      ])
    },
  )

  it('opens a session that counts as fresh for five minutes', async () => {
    const { app } = on
    const token = String((await tryPasskeyLogin(app, key)).body.access_token)
    const list = async () => (await app.send('GET', '/auth/passkeys', { token })).status
    expect(await list()).toBe(200)
    app.clock.advance(5 * MINUTE + 1_000)
    expect(await list()).toBe(401)
  })

  it('keeps up with whether the passkey is backed up', async () => {
    const { app } = on
    await tryPasskeyLogin(app, key, { flags: UP | UV | BE | BS })
    expect(Boolean((await passkeyOf(anna))?.is_backed_up)).toBe(true)
    await tryPasskeyLogin(app, key, { flags: UP | UV | BE })
    expect(Boolean((await passkeyOf(anna))?.is_backed_up)).toBe(false)
  })

  it('asks a member with a second factor for nothing more', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const { authenticator } = await addPasskey(app, member)
    await changeMember(app, member.id, { two_factor_enabled: true })
    const { status, body } = await tryPasskeyLogin(app, authenticator)
    expect(status).toBe(200)
    expect(body.access_token).not.toBe('')
    expect(body.two_factor_required).toBeUndefined()
  })

  it('signs in a member whose password is locked', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const { authenticator } = await addPasskey(app, member)
    for (let n = 0; n < 10; n++) {
      app.clock.advance(31_000)
      expect((await tryToSignIn(app, member.username, 'not the password')).status).toBe(401)
    }
    expect((await tryToSignIn(app, member.username, PASSWORD)).status).toBe(401)
    expect((await tryPasskeyLogin(app, authenticator)).status).toBe(200)
  })

  it.each([
    ['suspended', { status: 'suspended' }],
    ['banned', { status: 'banned' }],
    ['inactive', { status: 'inactive' }],
    ['deleted', { status: 'inactive', deleted_at: new Date() }],
  ] as const)('refuses a member who is %s, and notes no use', async (_what, patch) => {
    const { app } = on
    const member = await createSignedInMember(app)
    const { authenticator } = await addPasskey(app, member)
    await changeMember(app, member.id, patch)
    expectRefused(await tryPasskeyLogin(app, authenticator))
    expect(await sessionsOf(member)).toBe(1)
    expect((await passkeyOf(member))?.last_used_at).toBeNull()
    const last = (await refusals()).find(({ object_id }) => object_id === member.id)
    expect(JSON.stringify(last?.details)).toContain('closed')
  })

  it('never leaves a session open that a suspension could not see', async () => {
    const { app } = on
    for (let round = 0; round < 4; round++) {
      const member = await createSignedInMember(app)
      const { authenticator } = await addPasskey(app, member)
      const credential = authenticator.get(await requestOptions(app))
      const [{ status, body }] = await Promise.all([
        sendPasskeyLogin(app, credential),
        changeMember(app, member.id, { status: 'suspended' }),
      ])
      if (status !== 200) continue
      const me = await app.send('GET', '/auth/me', { token: String(body.access_token) })
      expect(me.status).toBe(403)
    }
  })

  it.each([false, true])(
    'gives one session for thirty uses of one challenge at once, synchronised: %s',
    async (isSynced) => {
      const { app, dialect } = on
      await using other = await startTestApp({ dialect, beside: app })
      const member = await createSignedInMember(app)
      const made = softwareAuthenticator({ counts: !isSynced, isSynced })
      const { authenticator } = await addPasskey(app, member, made)
      const options = await requestOptions(app)
      const credentials = Array.from({ length: 30 }, (_, n) =>
        n % 3 ? authenticator.get(options) : undefined,
      )
      const same = authenticator.get(options)
      const answers = await Promise.all(
        credentials.map((one, n) => sendPasskeyLogin(n % 2 ? app : other, one ?? same)),
      )
      expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(29).fill(401)])
      expect(await sessionsOf(member)).toBe(2)
    },
  )

  it('signs in twenty times at once with a passkey that does not count', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const { authenticator } = await addPasskey(
      app,
      member,
      softwareAuthenticator({ counts: false, isSynced: true }),
    )
    const tries = Array.from({ length: 20 }, () => tryPasskeyLogin(app, authenticator))
    expect((await Promise.all(tries)).map(({ status }) => status)).toEqual(Array(20).fill(200))
    const open = await countStored(app, 'sessions', `user_id = '${member.id}' and revoked_at is null`)
    expect(open).toBe(20)
  })

  it.each([
    ['the same number again', 5, 5],
    ['a lower number', 5, 4],
    ['none any more', 5, 0],
  ])(
    'refuses a counter that says %s, flags the passkey and tells its owner',
    async (_what, first, second) => {
      const { app } = on
      const member = await createSignedInMember(app)
      const { id, authenticator } = await addPasskey(app, member)
      expect((await tryPasskeyLogin(app, authenticator, { counter: first })).status).toBe(200)
      const sessions = await sessionsOf(member)
      expectRefused(await tryPasskeyLogin(app, authenticator, { counter: second }))
      expectRefused(await tryPasskeyLogin(app, authenticator, { counter: 1_000 }))
      expect(await sessionsOf(member)).toBe(sessions)
      const row = await passkeyOf(member)
      expect(Number(row?.sign_count)).toBe(first)
      expect(row?.flagged_at).not.toBeNull()
      const { body } = await app.send('GET', '/auth/passkeys', { token: member.accessToken })
      expect(body.items).toMatchObject([{ id, is_flagged: true }])
      await app.settle()
      const told = app.mail.to(member.email).filter(({ text }) => text.includes('may have been copied'))
      expect(told).toHaveLength(1)
      const audited = await storedRows(app, 'audit_events', `object_id = '${member.id}'`)
      expect(audited.filter(({ action }) => action === 'passkey.flagged')).toHaveLength(1)
      const refused = JSON.stringify(audited.filter(({ result }) => result === 'refused'))
      for (const reason of ['copied', 'flagged']) expect(refused).toContain(reason)
    },
  )

  it('flags nothing for a counter that nobody signed', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const { authenticator } = await addPasskey(app, member)
    await tryPasskeyLogin(app, authenticator, { counter: 5 })
    expectRefused(await tryPasskeyLogin(app, authenticator, { counter: 1, signWith: stranger }))
    expect((await passkeyOf(member))?.flagged_at).toBeNull()
    expect((await tryPasskeyLogin(app, authenticator, { counter: 6 })).status).toBe(200)
  })

  it('takes one of two answers with one counter, however close they come', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const { authenticator } = await addPasskey(app, member)
    const credentials = await Promise.all(
      Array.from({ length: 16 }, async () => authenticator.get(await requestOptions(app), { counter: 9 })),
    )
    const answers = await Promise.all(credentials.map((credential) => sendPasskeyLogin(app, credential)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(15).fill(401)])
    expect((await passkeyOf(member))?.flagged_at).not.toBeNull()
    await app.settle()
    expect(app.mail.to(member.email).filter(({ text }) => text.includes('copied'))).toHaveLength(1)
  })

  it('ends unused challenges with everything else when the operator sets a new password', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    await creationOptions(app, member)
    await requestOptions(app, member.accessToken)
    await app.app.accounts.admin.setPassword(member.username, 'another fine password')
    expect(await countStored(app, 'passkey_challenges', `user_id = '${member.id}'`)).toBe(0)
  })
})

function idOf({ credentialId }: SoftwareAuthenticator) {
  const id = base64url(credentialId)
  return { id, rawId: id }
}

describe('POST /auth/passkeys/login under its limit', () => {
  it('shares ten a minute with the other ways to sign in', async () => {
    await using app = await startTestApp({ dialect: 'sqlite', env: { OUTCRY_RATE_LIMITS: 'on' } })
    const credential = stranger.get({ challenge: 'x' })
    for (let n = 0; n < 5; n++) {
      expect((await tryToSignIn(app, `nobody_${n}`)).status).toBe(401)
      expect((await sendPasskeyLogin(app, credential)).status).toBe(401)
    }
    expect((await sendPasskeyLogin(app, credential)).status).toBe(429)
    expect((await tryToSignIn(app, 'nobody')).status).toBe(429)
    app.clock.advance(HOUR)
    expect((await sendPasskeyLogin(app, credential)).status).toBe(401)
  })
})
