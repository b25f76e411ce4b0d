import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { beforeAll, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../../platform/durations.ts'
import type { Cbor } from '../../../testing/cbor.ts'
import {
  createMember,
  createSignedInMember,
  type SignedInMember,
  signIn,
} from '../../../testing/factories.ts'
import {
  addPasskey,
  creationOptions,
  insertPasskeys,
  requestOptions,
  sendNewPasskey,
  tryPasskeyLogin,
} from '../../../testing/passkeys.ts'
import {
  coseKeyOf,
  type Falsified,
  FLAGS,
  softwareAuthenticator,
} from '../../../testing/software-authenticator.ts'
import { forEachApp, startTestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

const { UP, UV, AT, BS, ED } = FLAGS
const base64url = (text: string | Uint8Array) => Buffer.from(text).toString('base64url')
const ecKey = (namedCurve: string, algorithm?: number) =>
  coseKeyOf(generateKeyPairSync('ec', { namedCurve }).publicKey, algorithm)
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey
const rsaKey = (modulusLength: number, publicExponent = 65_537) =>
  coseKeyOf(generateKeyPairSync('rsa', { modulusLength, publicExponent }).publicKey)
const without = (key: [number, number | Uint8Array][], field: number): Cbor =>
  key.filter(([name]) => name !== field)
const offCurve = (): Cbor =>
  ecKey('P-256').map(([name, value]) => [name, name === -3 ? randomBytes(32) : value] as const)
const selfSigned = { fmt: 'packed', attStmt: [['alg', -7] as const, ['sig', randomBytes(70)] as const] }
const certified = { fmt: 'packed', attStmt: [...selfSigned.attStmt, ['x5c', randomBytes(300)] as const] }

const clientData: [string, Record<string, unknown>][] = [
  ['the type of another ceremony', { type: 'webauthn.get' }],
  ['no type', { type: undefined }],
  ['another challenge', { challenge: base64url(randomBytes(32)) }],
  ['no challenge', { challenge: undefined }],
  ['a challenge that is no text', { challenge: 7 }],
  ['a padded challenge', { challenge: `${base64url(randomBytes(32))}=` }],
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
  ['a frame of another site', { crossOrigin: true }],
  ['a frame in words', { crossOrigin: 'false' }],
  ['a page around it', { topOrigin: 'http://localhost:4000' }],
]

const falsified: [string, Falsified][] = [
  ...clientData.map(([what, changes]): [string, Falsified] => [what, { clientData: changes }]),
  ['another site’s id', { rpId: 'example.com' }],
  ['a subdomain’s id', { rpId: 'a.localhost' }],
  ['nobody present', { flags: UV | AT }],
  ['nobody verified', { flags: UP | AT }],
  ['no credential', { flags: UP | UV }],
  ['a backup that cannot be', { flags: UP | UV | AT | BS }],
  ['extensions that are not there', { flags: UP | UV | AT | ED }],
  ['bytes too many', { authData: (data) => Buffer.concat([data, Buffer.from([0])]) }],
  ['no authenticator data', { authData: () => Buffer.alloc(0) }],
  ['authenticator data of 36 bytes', { authData: (data) => data.subarray(0, 36) }],
  ['half a key', { authData: (data) => data.subarray(0, -40) }],
  ['the id of another credential', { credentialId: randomBytes(32) }],
  ['no credential id', { credentialId: Buffer.alloc(0) }],
  ['ES384', { publicKey: ecKey('P-384', -35) }],
  ['ES256 on another curve', { publicKey: ecKey('P-384', -7) }],
  ['ES256 with a point that is on no curve', { publicKey: offCurve() }],
  ['ES256 with the key of RS256', { publicKey: coseKeyOf(rsa, -7) }],
  ['EdDSA with the key of ES256', { publicKey: ecKey('P-256', -8) }],
  ['ES256K', { publicKey: ecKey('P-256', -47) }],
  ['PS256', { publicKey: coseKeyOf(rsa, -37) }],
  ['RS1', { publicKey: coseKeyOf(rsa, -65_535) }],
  ['RS256 of 1,024 bits', { publicKey: rsaKey(1_024) }],
  ['RS256 with the exponent 3', { publicKey: rsaKey(2_048, 3) }],
  ['a key without an algorithm', { publicKey: without(ecKey('P-256'), 3) }],
  ['a key without a half of its point', { publicKey: without(ecKey('P-256'), -3) }],
  ['an empty key', { publicKey: [] }],
  ['text for a key', { publicKey: 'key' }],
  ['an attestation that certificates vouch for', { attestation: certified }],
  ['an attestation signed with another key', { attestation: selfSigned }],
  ['an attestation of Apple', { attestation: { fmt: 'apple', attStmt: [['x5c', randomBytes(300)]] } }],
  ['an attestation of nobody', { attestation: { fmt: 'else', attStmt: [] } }],
  ['a statement of none', { attestation: { fmt: 'none', attStmt: [['sig', randomBytes(70)]] } }],
  ['a statement that is text', { attestation: { fmt: 'packed', attStmt: 'sig' } }],
  ['client data that is no JSON', { response: { clientDataJSON: base64url('{') } }],
  ['client data that is null', { response: { clientDataJSON: base64url('null') } }],
  ['client data that is a list', { response: { clientDataJSON: base64url('[]') } }],
  ['client data of one character', { response: { clientDataJSON: 'A' } }],
  [
    'an attestation that is no CBOR',
    { response: { attestationObject: base64url(randomBytes(8).fill(0xff)) } },
  ],
  ['an empty map', { response: { attestationObject: base64url(Buffer.from([0xa0])) } }],
  ['a number', { response: { attestationObject: base64url(Buffer.from([0x01])) } }],
  ['a deep nest', { response: { attestationObject: base64url(Buffer.alloc(6_000, 0x81)) } }],
  [
    'a list said to be endless',
    { response: { attestationObject: base64url(Buffer.from('9bffffffffffffffff01', 'hex')) } },
  ],
  [
    'bytes said to be endless',
    { response: { attestationObject: base64url(Buffer.from('5bffffffffffffffff01', 'hex')) } },
  ],
  ['an attestation in loose base64url', { response: { attestationObject: 'oB' } }],
]

forEachApp('POST /auth/passkeys', {}, (on) => {
  let anna: SignedInMember
  beforeAll(async () => {
    anna = await createSignedInMember(on.app)
  })
  const passkeysOf = ({ id }: { id: string }) => storedRows(on.app, 'passkeys', `user_id = '${id}'`)
  const refusals = async ({ id }: { id: string }) =>
    (await storedRows(on.app, 'audit_events', `actor_id = '${id}' and action = 'passkey.added'`)).filter(
      ({ result }) => result === 'refused',
    )

  it('refuses who is not signed in, or proved it more than five minutes ago', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const credential = softwareAuthenticator().create(await creationOptions(app, member))
    const body = { name: 'x', credential }
    expect((await app.send('POST', '/auth/passkeys', { body })).status).toBe(401)
    app.clock.advance(5 * MINUTE + SECOND)
    const stale = await sendNewPasskey(app, member, { credential })
    expect(stale.body.code).toBe('http.insufficient_user_authentication')
    expect(await passkeysOf(member)).toHaveLength(0)
    anna = await signIn(app, anna)
  })

  it.each([
    ['no name', { name: '' }, 'body.name'],
    ['a blank name', { name: '  ' }, 'body.name'],
    ['a name of 65 characters', { name: 'x'.repeat(65) }, 'body.name'],
    ['a name of two lines', { name: 'a\nb' }, 'body.name'],
    ['no credential', { credential: undefined }, 'body.credential'],
    ['text for a credential', { credential: 'x' }, 'body.credential'],
    ['another type', { credential: { type: 'password' } }, 'body.credential.type'],
  ])('refuses %s with 422', async (_what, part, path) => {
    const credential = softwareAuthenticator().create({ challenge: 'x' })
    const changed = { credential, ...part }
    const merged =
      typeof changed.credential === 'object' ? { ...credential, ...changed.credential } : changed.credential
    const { status, body } = await sendNewPasskey(on.app, anna, { ...changed, credential: merged })
    expect(status).toBe(422)
    expect(JSON.stringify(body.errors)).toContain(path)
  })

  it.each([
    ['with other characters', 'a+b/'],
    ['with padding', 'YQ=='],
    ['that is empty', ''],
    ['of more than 8,192 characters', 'A'.repeat(8_193)],
  ])('refuses base64url %s with 422', async (_what, attestationObject) => {
    const credential = softwareAuthenticator().create({ challenge: 'x' }, { response: { attestationObject } })
    expect((await sendNewPasskey(on.app, anna, { credential })).status).toBe(422)
  })

  it('refuses a body of more than 16 KiB before it reads it', async () => {
    const credential = softwareAuthenticator().create(
      { challenge: 'x' },
      { response: { more: 'A'.repeat(17_000) } },
    )
    expect((await sendNewPasskey(on.app, anna, { credential })).status).toBe(413)
  })

  it.each(falsified)('refuses %s, and keeps nothing', async (_what, lie) => {
    const { app } = on
    const before = (await refusals(anna)).length
    const authenticator = softwareAuthenticator({ algorithm: 'EdDSA' })
    const credential = authenticator.create(await creationOptions(app, anna), lie)
    const { status, body } = await sendNewPasskey(app, anna, { credential })
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'accounts.passkey_refused' })
    expect(await passkeysOf(anna)).toHaveLength(0)
    expect(await refusals(anna)).toHaveLength(before + 1)
  })

  it('refuses ids that differ, are too long or have two spellings', async () => {
    const { app } = on
    const long = softwareAuthenticator({ credentialId: randomBytes(1_024) })
    const one = softwareAuthenticator({ credentialId: Buffer.from([1]) })
    const answers = [
      long.create(await creationOptions(app, anna)),
      { ...one.create(await creationOptions(app, anna)), rawId: base64url(randomBytes(32)) },
      { ...one.create(await creationOptions(app, anna)), id: 'AR', rawId: 'AR' },
    ]
    for (const credential of answers) {
      expect((await sendNewPasskey(app, anna, { credential })).status).toBe(400)
    }
    expect(await passkeysOf(anna)).toHaveLength(0)
  })

  it('spends the challenge on a failure too', async () => {
    const { app } = on
    const options = await creationOptions(app, anna)
    const authenticator = softwareAuthenticator()
    const lie = { flags: UP | AT }
    await sendNewPasskey(app, anna, { credential: authenticator.create(options, lie) })
    const honest = await sendNewPasskey(app, anna, { credential: authenticator.create(options) })
    expect(honest.body.code).toBe('accounts.passkey_refused')
    expect(await passkeysOf(anna)).toHaveLength(0)
  })

  it('takes no challenge of another member, of a sign-in, of a proof, or of long ago', async () => {
    const { app } = on
    const [ben, carla] = [await createSignedInMember(app), await createSignedInMember(app)]
    const authenticator = softwareAuthenticator()
    for (const options of [
      await creationOptions(app, carla),
      await requestOptions(app),
      await requestOptions(app, ben.accessToken),
    ]) {
      const { status } = await sendNewPasskey(app, ben, { credential: authenticator.create(options) })
      expect(status).toBe(400)
    }
    const [inTime, late] = [await creationOptions(app, ben), await creationOptions(app, carla)]
    app.clock.advance(5 * MINUTE - 1)
    const credential = authenticator.create(inTime)
    expect((await sendNewPasskey(app, ben, { credential })).status).toBe(201)
    app.clock.advance(1)
    const tooLate = softwareAuthenticator().create(late)
    expect((await sendNewPasskey(app, carla, { credential: tooLate })).status).toBe(400)
    expect(await passkeysOf(carla)).toHaveLength(0)
  })

  it('takes what one browser began from that browser alone', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const browser = { 'sec-fetch-site': 'same-origin' }
    const path = '/auth/passkeys/options'
    const authenticator = softwareAuthenticator()
    const send = async (cookieOf: (own: string) => string) => {
      const begun = await app.send('POST', path, { token: member.accessToken, headers: browser })
      const own = begun.headers.get('set-cookie')?.split(';')[0] ?? ''
      const credential = authenticator.create({ ...begun.body, challenge: String(begun.body.challenge) })
      const headers = { ...browser, cookie: cookieOf(own) }
      const body = { name: 'x', credential }
      return (await app.send('POST', '/auth/passkeys', { token: member.accessToken, body, headers })).status
    }
    expect(await send(() => '')).toBe(400)
    expect(await send(() => `__Host-outcry-flow=${base64url(randomBytes(32))}`)).toBe(400)
    expect(await passkeysOf(member)).toHaveLength(0)
    expect(await send((own) => own)).toBe(201)
  })

  it.each([
    ['EdDSA', -8],
    ['ES256', -7],
    ['RS256', -257],
  ] as const)(
    'keeps a passkey of %s with its name trimmed, and nothing secret',
    async (algorithm, number) => {
      const { app } = on
      const member = await createSignedInMember(app)
      const authenticator = softwareAuthenticator({ algorithm, isSynced: true })
      const credential = authenticator.create(await creationOptions(app, member), { counter: 7 })
      const { status, body } = await sendNewPasskey(app, member, { name: '  Téléphone 📱 ', credential })
      expect(status).toBe(201)
      expect(body).toEqual({
        id: expect.stringMatching(/^[\da-f-]{36}$/),
        created_at: app.clock.now().toISOString(),
        updated_at: app.clock.now().toISOString(),
        name: 'Téléphone 📱',
        is_backed_up: true,
        last_used_at: null,
        is_flagged: false,
      })
      const [row] = await passkeysOf(member)
      expect(row).toMatchObject({ algorithm: number, flagged_at: null })
      expect(Number(row?.sign_count)).toBe(7)
      expect(Buffer.from(row?.credential_id as Uint8Array)).toEqual(authenticator.credentialId)
      expect(await countStored(app, 'passkey_challenges', `user_id = '${member.id}'`)).toBe(0)
    },
  )

  it('ends every other session, keeps this one, tells the member and the audit log', async () => {
    const { app } = on
    const member = await createMember(app)
    const [other, own] = [await signIn(app, member), await signIn(app, member)]
    const { id } = await addPasskey(app, own)
    const me = async (token: string) => (await app.send('GET', '/auth/me', { token })).status
    expect(await me(own.accessToken)).toBe(200)
    expect(await me(other.accessToken)).toBe(401)
    expect(
      (await app.send('POST', '/auth/refresh', { body: { refresh_token: other.refreshToken } })).status,
    ).toBe(401)
    const ended = await storedRows(app, 'sessions', `user_id = '${member.id}' and revoked_at is not null`)
    expect(ended).toMatchObject([{ revocation_reason: 'factor' }])
    await app.settle()
    const mail = app.mail.to(member.email)[0]
    expect(mail?.text).toContain('a passkey was added')
    expect(mail?.text).not.toContain('http')
    const audited = await storedRows(app, 'audit_events', `object_id = '${id}'`)
    expect(audited).toMatchObject([
      { action: 'passkey.added', result: 'ok', actor_id: member.id, address: '127.0.0.1' },
    ])
  })

  it('refuses a credential that somebody has already like any other, and leaves it theirs', async () => {
    const { app } = on
    const [owner, thief] = [await createSignedInMember(app), await createSignedInMember(app)]
    const { authenticator } = await addPasskey(app, owner)
    const theirs = authenticator.userHandle
    for (const member of [thief, owner]) {
      const credential = authenticator.create(await creationOptions(app, member))
      const { status, body } = await sendNewPasskey(app, member, { credential })
      expect({ status, code: body.code }).toEqual({ status: 400, code: 'accounts.passkey_refused' })
    }
    const known = await refusals(thief)
    expect(JSON.stringify(known.map(({ details }) => details))).toContain('taken')
    authenticator.userHandle = theirs
    expect((await tryPasskeyLogin(app, authenticator)).status).toBe(200)
    expect(await passkeysOf(thief)).toHaveLength(0)
  })

  it('gives a credential to one, when sixteen registrations of it come at once on two nodes', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    const members: SignedInMember[] = []
    for (let n = 0; n < 8; n++) members.push(await createSignedInMember(app))
    const authenticator = softwareAuthenticator()
    const tries = await Promise.all(
      [...members, ...members].map(async (member, n) => {
        const credential = authenticator.create(await creationOptions(app, member))
        return () => sendNewPasskey(n % 2 ? app : other, member, { credential })
      }),
    )
    const answers = await Promise.all(tries.map((send) => send()))
    const statuses = answers.map(({ status }) => status).sort()
    expect(statuses).toEqual([201, ...Array(15).fill(400)])
    const credential = authenticator.credentialId.toString('hex')
    const rows = (await Promise.all(members.map(passkeysOf))).flat()
    expect(rows.map((row) => Buffer.from(row.credential_id as Uint8Array).toString('hex'))).toEqual([
      credential,
    ])
  })

  it('never keeps more than twenty, however many come at once', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    await insertPasskeys(app, member, 19)
    const credentials = await Promise.all(
      Array.from({ length: 16 }, async () =>
        softwareAuthenticator().create(await creationOptions(app, member)),
      ),
    )
    const answers = await Promise.all(
      credentials.map((credential) => sendNewPasskey(app, member, { credential })),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(15)
    expect(await passkeysOf(member)).toHaveLength(20)
  })

  it('adds nothing for a session that ends meanwhile', async () => {
    const { app } = on
    const member = await createMember(app)
    const [one, two] = [await signIn(app, member), await signIn(app, member)]
    const credentials = [one, two].map(async (session) => ({
      session,
      credential: softwareAuthenticator().create(await creationOptions(app, session)),
    }))
    const answers = await Promise.all(
      (await Promise.all(credentials)).map(({ session, credential }) =>
        sendNewPasskey(app, session, { credential }),
      ),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(await passkeysOf(member)).toHaveLength(1)
    expect(await countStored(app, 'sessions', `user_id = '${member.id}' and revoked_at is null`)).toBe(1)
  })
})
