import { expect, it } from 'vitest'
import { MINUTE } from '../../../platform/durations.ts'
import {
  changeMember,
  createSignedInMember,
  type SignedInMember,
  signIn,
} from '../../../testing/factories.ts'
import { addPasskey, creationOptions, requestOptions, tryPasskeyLogin } from '../../../testing/passkeys.ts'
import type { Ceremony, Falsified, SoftwareAuthenticator } from '../../../testing/software-authenticator.ts'
import { type Answer, forEachApp } from '../../../testing/start-test-app.ts'
import { storedRows } from '../../../testing/stored-rows.ts'

forEachApp('proving again with a passkey', {}, (on) => {
  /** A member with a passkey, whose session is not fresh any more. */
  const staleMember = async () => {
    const member = await createSignedInMember(on.app)
    const { authenticator } = await addPasskey(on.app, member)
    on.app.clock.advance(6 * MINUTE)
    return { ...member, authenticator }
  }
  const send = (token: string, passkey: unknown, headers = {}): Promise<Answer> =>
    on.app.send('POST', '/auth/reauthenticate', { token, body: { passkey }, headers })
  const isFresh = async ({ accessToken: token }: SignedInMember) =>
    (await on.app.send('GET', '/auth/passkeys', { token })).status === 200
  const prove = async (member: SignedInMember, by: SoftwareAuthenticator, lie?: Falsified) =>
    send(member.accessToken, by.get(await requestOptions(on.app, member.accessToken), lie))
  const expectRefused = ({ status, body }: Answer) =>
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'accounts.proof_incorrect' })

  it('makes the session fresh for five minutes, and no other', async () => {
    const { app } = on
    const member = await staleMember()
    const other = await signIn(app, member)
    app.clock.advance(6 * MINUTE)
    expect(await isFresh(member)).toBe(false)
    const { status, body } = await prove(member, member.authenticator)
    expect({ status, body }).toMatchObject({ status: 200, body: { success: true } })
    expect([await isFresh(member), await isFresh(other)]).toEqual([true, false])
    const audited = await storedRows(app, 'audit_events', `actor_id = '${member.id}'`)
    const proofs = audited.filter(({ action }) => action === 'session.reauthenticated')
    expect(proofs).toMatchObject([{ result: 'ok', factor: 'hwk user mfa' }])
    const [passkey] = await storedRows(app, 'passkeys', `user_id = '${member.id}'`)
    expect(Number(passkey?.sign_count)).toBe(1)
    app.clock.advance(5 * MINUTE + 1_000)
    expect(await isFresh(member)).toBe(false)
  })

  it('takes no challenge of a sign-in, of a registration or of another member', async () => {
    const { app } = on
    const [member, other] = [await staleMember(), await createSignedInMember(app)]
    const foreign: Ceremony[] = [
      await requestOptions(app),
      await requestOptions(app, other.accessToken),
      await creationOptions(app, other),
    ]
    for (const options of foreign) {
      expectRefused(await send(member.accessToken, member.authenticator.get(options)))
    }
    expect(await isFresh(member)).toBe(false)
  })

  it('takes no passkey of another member, whatever it says it is', async () => {
    const [member, other] = [await staleMember(), await staleMember()]
    const fresh = await signIn(on.app, member)
    expectRefused(await prove(member, other.authenticator))
    const { userHandle } = member.authenticator
    expectRefused(await prove(member, other.authenticator, { userHandle }))
    expectRefused(await prove(member, member.authenticator, { signWith: other.authenticator }))
    expect([await isFresh(member), await isFresh(fresh)]).toEqual([false, true])
  })

  it('takes an answer once, of thirty at the same time', async () => {
    const { app } = on
    const member = await staleMember()
    const options = await requestOptions(app, member.accessToken)
    const passkeys = Array.from({ length: 30 }, () => member.authenticator.get(options))
    const answers = await Promise.all(passkeys.map((passkey) => send(member.accessToken, passkey)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(29).fill(401)])
    expectRefused(await send(member.accessToken, passkeys[0]))
  })

  it('takes an answer for five minutes', async () => {
    const { app } = on
    const member = await staleMember()
    const options = await requestOptions(app, member.accessToken)
    app.clock.advance(5 * MINUTE)
    expectRefused(await send(member.accessToken, member.authenticator.get(options)))
    expect(await isFresh(member)).toBe(false)
  })

  it('takes an answer from the browser that asked alone', async () => {
    const { app } = on
    const member = await staleMember()
    const browser = { 'sec-fetch-site': 'same-origin' }
    const begin = () =>
      app.send('POST', '/auth/passkeys/login/options', { token: member.accessToken, headers: browser })
    const [one, two] = [await begin(), await begin()]
    const cookieOf = ({ headers }: Answer) => headers.get('set-cookie')?.split(';')[0] ?? ''
    const answer = (cookie: string) =>
      send(member.accessToken, member.authenticator.get({ challenge: String(one.body.challenge) }), {
        ...browser,
        cookie,
      })
    expectRefused(await answer(cookieOf(two)))
    expect(await isFresh(member)).toBe(false)
    expect((await answer(cookieOf(one))).status).toBe(200)
  })

  it('flags a passkey whose counter goes back, and tells its owner', async () => {
    const { app } = on
    const member = await staleMember()
    expect((await tryPasskeyLogin(app, member.authenticator, { counter: 9 })).status).toBe(200)
    expectRefused(await prove(member, member.authenticator, { counter: 9 }))
    expectRefused(await prove(member, member.authenticator, { counter: 10 }))
    expect(await isFresh(member)).toBe(false)
    await app.settle()
    const told = app.mail.to(member.email).filter(({ text }) => text.includes('may have been copied'))
    expect(told).toHaveLength(1)
  })

  it('proves nothing for a member who is suspended', async () => {
    const { app } = on
    const member = await staleMember()
    const options = await requestOptions(app, member.accessToken)
    await changeMember(app, member.id, { status: 'suspended' })
    expect((await send(member.accessToken, member.authenticator.get(options))).status).toBe(403)
    await changeMember(app, member.id, { status: 'active' })
    expect(await isFresh(member)).toBe(false)
  })
})
