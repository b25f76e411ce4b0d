import { expect, it } from 'vitest'
import { findAuditFault } from '../../../platform/audit/audit-fault.ts'
import { DAY, MINUTE, SECOND } from '../../../platform/durations.ts'
import { createMember, createSignedInMember, signIn, tryToSignIn } from '../../../testing/factories.ts'
import {
  beginSignIn,
  codeAt,
  createTwoFactorMember,
  finishSignIn,
  nextCode,
  setUpTwoFactor,
  signInWithCode,
  type TwoFactorMember,
  wrongCode,
} from '../../../testing/factories-two-factor.ts'
import { addPasskey, requestOptions, tryPasskeyLogin } from '../../../testing/passkeys.ts'
import { type Answer, forEachApp, startTestApp, type TestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'
import { revokeSessionsOf } from '../sessions/session.store.ts'
import { voidProofs } from '../void-proofs.ts'

const statusesOf = (answers: readonly Answer[]) => answers.map(({ status }) => status).sort()
const openSessions = (app: TestApp, { id }: TwoFactorMember) =>
  countStored(app, 'sessions', `user_id = '${id}' and revoked_at is null`)

/** Fails at the second step, with a new sign-in whenever the last one has used up its tries. */
async function fail(app: TestApp, member: TwoFactorMember, times: number): Promise<void> {
  let token = ''
  for (let n = 0; n < times; n++) {
    if (n % 5 === 0) token = await beginSignIn(app, member)
    expect((await finishSignIn(app, { token, code: wrongCode(app, member.secret) })).status).toBe(401)
  }
}

const mailsTo = async (app: TestApp, { email }: TwoFactorMember): Promise<string> => {
  await app.settle()
  return app.mail
    .to(email)
    .map(({ text }) => text)
    .join('\n')
}

forEachApp('at once on two nodes', {}, (on) => {
  const race = async (member: TwoFactorMember, steps: readonly { token: string; code: unknown }[]) => {
    const { app, dialect } = on
    await using node = await startTestApp({ dialect, beside: app })
    const before = await openSessions(app, member)
    const answers = await Promise.all(steps.map((step, n) => finishSignIn(n % 2 ? app : node, step)))
    expect(await openSessions(app, member)).toBe(before + 1)
    expect(await findAuditFault(app.app.platform.db.asSystem())).toBeUndefined()
    return answers
  }
  const tokensFor = async (member: TwoFactorMember, count: number) => {
    const tokens: string[] = []
    for (let n = 0; n < count; n++) tokens.push(await beginSignIn(on.app, member))
    return tokens
  }

  it('one code of the app opens one session of twenty', async () => {
    const member = await createTwoFactorMember(on.app)
    const code = codeAt(on.app, member.secret)
    const tokens = await tokensFor(member, 20)
    const answers = await race(
      member,
      tokens.map((token) => ({ token, code })),
    )
    expect(statusesOf(answers)).toEqual([200, ...Array(19).fill(401)])
  })

  it('one backup code opens one session of twenty', async () => {
    const member = await createTwoFactorMember(on.app)
    const code = member.backupCodes[4]
    const tokens = await tokensFor(member, 20)
    const answers = await race(
      member,
      tokens.map((token) => ({ token, code })),
    )
    expect(statusesOf(answers)).toEqual([200, ...Array(19).fill(401)])
    expect(await countStored(on.app, 'recovery_codes', `user_id = '${member.id}' and used_at is null`)).toBe(
      9,
    )
  })

  it('one sign-in is finished once of twenty times, though every code is right, and no other code is spent', async () => {
    const member = await createTwoFactorMember(on.app)
    const token = await beginSignIn(on.app, member)
    const codes = [...member.backupCodes, ...member.backupCodes]
    const answers = await race(
      member,
      codes.map((code) => ({ token, code })),
    )
    expect(statusesOf(answers)).toEqual([200, ...Array(19).fill(401)])
    expect(await countStored(on.app, 'recovery_codes', `user_id = '${member.id}' and used_at is null`)).toBe(
      9,
    )
  })

  it('neighbouring codes each open one session at most, and an older one none after a newer', async () => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    app.clock.advance(2 * MINUTE)
    const codes = [-1, 0, 1].map((drift) => codeAt(app, member.secret, drift))
    const tokens = await tokensFor(member, 9)
    const before = await openSessions(app, member)
    const answers = await Promise.all(
      tokens.map((token, n) => finishSignIn(app, { token, code: codes[n % 3] })),
    )
    const opened = answers.filter(({ status }) => status === 200).length
    expect(opened).toBeGreaterThanOrEqual(1)
    expect(opened).toBeLessThanOrEqual(3)
    expect(await openSessions(app, member)).toBe(before + opened)
  })

  it('everything that takes a factor runs beside everything that changes one, none waiting in a circle', async () => {
    const { app, dialect } = on
    await using node = await startTestApp({ dialect, beside: app })
    const member = await createTwoFactorMember(app)
    const tokens = await tokensFor(member, 3)
    const token = member.accessToken
    const { password, backupCodes } = member
    const code = codeAt(app, member.secret)
    const bodies: [string, object][] = [
      ...tokens.map((pending, n): [string, object] => [
        '/auth/2fa/login',
        { token: pending, two_fa_token: backupCodes[n] },
      ]),
      ['/auth/login/json', { username_or_email: member.username, password }],
      ['/auth/login/json', { username_or_email: member.email, password }],
      ['/auth/reauthenticate', { code }],
      ['/auth/reauthenticate', { code: backupCodes[5] }],
      ['/auth/2fa/disable', { password, code: backupCodes[6] }],
      ['/auth/2fa/disable', { password, code: wrongCode(app, member.secret) }],
    ]
    const change = { current_password: password, new_password: 'a password set anew' }
    const answers = await Promise.all([
      ...bodies.map(([path, body], n) => (n % 2 ? app : node).send('POST', path, { token, body })),
      node.send('POST', '/auth/2fa/backup-codes', { token }),
      app.send('PUT', '/users/me/password', { token, body: change }),
    ])
    expect(answers.filter(({ status }) => ![200, 400, 401].includes(status))).toEqual([])
    expect(await findAuditFault(app.app.platform.db.asSystem())).toBeUndefined()
  })

  it('five guesses at one sign-in are judged, and no more', async () => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    const token = await beginSignIn(app, member)
    const code = wrongCode(app, member.secret)
    await Promise.all(Array.from({ length: 20 }, () => finishSignIn(app, { token, code })))
    const entries = await storedRows(
      app,
      'audit_events',
      `object_id = '${member.id}' and action = 'sign_in.second_factor' and result = 'refused'`,
    )
    const reasons = entries.map(({ details }) => JSON.stringify(details))
    expect(reasons.filter((reason) => reason.includes('wrong'))).toHaveLength(5)
    expect(reasons).toHaveLength(20)
  })
})

forEachApp('a code that was used', {}, (on) => {
  it('stays used after a restart and on a node that starts later', async () => {
    const { app, dialect } = on
    const member = await createTwoFactorMember(app)
    const code = codeAt(app, member.secret)
    const [backup = ''] = member.backupCodes
    expect((await finishSignIn(app, { token: await beginSignIn(app, member), code })).status).toBe(200)
    expect((await finishSignIn(app, { token: await beginSignIn(app, member), code: backup })).status).toBe(
      200,
    )
    const token = await beginSignIn(app, member)
    await using node = await startTestApp({ dialect, beside: app })
    expect((await finishSignIn(node, { token, code })).status).toBe(401)
    expect((await finishSignIn(node, { token, code: backup })).status).toBe(401)
    nextCode(app)
    expect((await finishSignIn(node, { token, code: codeAt(app, member.secret) })).status).toBe(200)
  })

  it('and every code there was before a restore are worthless after it', async () => {
    const { app } = on
    const { db, clock } = app.app.platform
    const member = await createTwoFactorMember(app)
    const codes = [-1, 0, 1].map((drift) => codeAt(app, member.secret, drift))
    const before = await beginSignIn(app, member)
    await db.withSystem((tx) => voidProofs(tx, clock))
    expect((await finishSignIn(app, { token: before, code: codes[1] })).status).toBe(401)
    const token = await beginSignIn(app, member)
    for (const code of [...codes, member.backupCodes[0]]) {
      expect((await finishSignIn(app, { token, code })).status).toBe(401)
    }
    app.clock.advance(2 * MINUTE)
    expect((await finishSignIn(app, { token, code: codeAt(app, member.secret) })).status).toBe(200)
  })
})

forEachApp('guessing a second factor', {}, (on) => {
  it('ends the sign-in after five failures, for the right code as well', async () => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    const token = await beginSignIn(app, member)
    for (let n = 0; n < 4; n++) {
      expect((await finishSignIn(app, { token, code: wrongCode(app, member.secret) })).status).toBe(401)
    }
    const other = await beginSignIn(app, member)
    expect(
      (await finishSignIn(app, { token, code: member.backupCodes[0]?.replace(/^../, 'zz') })).status,
    ).toBe(401)
    expect((await finishSignIn(app, { token, code: codeAt(app, member.secret) })).status).toBe(401)
    expect((await finishSignIn(app, { token, code: member.backupCodes[0] })).status).toBe(401)
    expect((await finishSignIn(app, { token: other, code: codeAt(app, member.secret) })).status).toBe(200)
  })

  it('locks app and backup codes together for 15 minutes after ten failures in 15, over any number of sign-ins', async () => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    await fail(app, member, 5)
    const token = await beginSignIn(app, member)
    for (let n = 0; n < 5; n++) {
      app.clock.advance(30 * SECOND)
      const code = `${'abcdefghij'[n]}aaa-aaaa-aaaa-aaaa-aaaa-aaaa`
      expect((await finishSignIn(app, { token, code })).status).toBe(401)
    }
    expect(await mailsTo(app, member)).toContain('second factor was wrong too often, so it is locked')
    for (const code of [codeAt(app, member.secret), member.backupCodes[0]]) {
      expect((await finishSignIn(app, { token: await beginSignIn(app, member), code })).status).toBe(401)
    }
    app.clock.advance(15 * MINUTE - SECOND)
    expect((await signInWithCode(app, member)).status).toBe(401)
    app.clock.advance(SECOND)
    expect((await signInWithCode(app, member)).status).toBe(200)
    const sent = app.mail.to(member.email).filter(({ text }) => text.includes('it is locked'))
    expect(sent).toHaveLength(1)
  })

  it('C8: counts on the member, from however many addresses the guesses come', async () => {
    const env = { OUTCRY_RATE_LIMITS: 'on', OUTCRY_TRUSTED_PROXIES: '127.0.0.1/32' }
    await using app = await startTestApp({ dialect: on.dialect, env })
    const member = await createTwoFactorMember(app)
    const tokens = [await beginSignIn(app, member), await beginSignIn(app, member)]
    const good = await beginSignIn(app, member)
    const guess = (n: number) =>
      finishSignIn(app, {
        token: tokens[n % 2],
        code: wrongCode(app, member.secret),
        headers: { 'x-forwarded-for': `203.0.113.${n + 1}` },
      })
    for (let n = 0; n < 10; n++) expect((await guess(n)).status).toBe(401)
    expect(await mailsTo(app, member)).toContain('it is locked')
    const addresses = await storedRows(app, 'audit_events', `address like '203.0.113.%'`)
    expect(new Set(addresses.map(({ address }) => address)).size).toBe(10)
    expect((await finishSignIn(app, { token: good, code: codeAt(app, member.secret) })).status).toBe(401)
  })

  it('is told of once when many guesses lock it together', async () => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    const code = wrongCode(app, member.secret)
    const tokens = [
      await beginSignIn(app, member),
      await beginSignIn(app, member),
      await beginSignIn(app, member),
    ]
    const guesses = Array.from({ length: 18 }, (_, n) => ({ token: tokens[n % 3], code }))
    await Promise.all(guesses.map((guess) => finishSignIn(app, guess)))
    expect(await mailsTo(app, member)).toContain('it is locked')
    const sent = app.mail.to(member.email).filter(({ text }) => text.includes('it is locked'))
    expect(sent).toHaveLength(1)
  })

  it('is disabled after thirty failures in a row, tells the member, and stays so until the operator resets it', async () => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    const session = await signInWithCode(app, member)
    for (let round = 0; round < 3; round++) {
      await fail(app, member, 10)
      app.clock.advance(31 * MINUTE)
    }
    const mails = await mailsTo(app, member)
    expect(mails).toContain('disabled until an administrator resets it')
    app.clock.advance(7 * DAY)
    for (const code of [codeAt(app, member.secret), member.backupCodes[0]]) {
      expect((await finishSignIn(app, { token: await beginSignIn(app, member), code })).status).toBe(401)
    }
    const kept = { refresh_token: session.body.refresh_token }
    expect((await app.send('POST', '/auth/refresh', { body: kept })).status).toBe(401)
    await app.app.accounts.admin.disableTwoFactor(member.username)
    const again = await signIn(app, member)
    const enrolled = await setUpTwoFactor(app, again)
    const body = { code: codeAt(app, enrolled.secret) }
    const verified = await app.send('POST', '/auth/2fa/verify', { token: again.accessToken, body })
    expect(verified.status).toBe(200)
  })

  it('is no weapon: open sessions, the password, passkeys and other members go on', async () => {
    const { app } = on
    const [member, other] = [await createTwoFactorMember(app), await createTwoFactorMember(app)]
    const { authenticator } = await addPasskey(app, member)
    await fail(app, member, 10)
    expect((await app.send('GET', '/auth/me', { token: member.accessToken })).status).toBe(200)
    expect((await tryToSignIn(app, member.username)).status).toBe(200)
    expect((await signInWithCode(app, member)).status).toBe(401)
    const { status, body } = await tryPasskeyLogin(app, authenticator)
    expect(status).toBe(200)
    expect(body.access_token).not.toBe('')
    const token = String(body.access_token)
    const passkey = authenticator.get(await requestOptions(app, token))
    const proven = await app.send('POST', '/auth/reauthenticate', { token, body: { passkey } })
    expect(proven.status).toBe(200)
    expect((await signInWithCode(app, other)).status).toBe(200)
  })

  it('of nobody counts on nobody', async () => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    for (let n = 0; n < 35; n++) {
      expect((await finishSignIn(app, { token: 'x'.repeat(43), code: '123456' })).status).toBe(401)
    }
    expect((await signInWithCode(app, member)).status).toBe(200)
  })

  it('forgets the run when a code passes, and not the failures of the last 15 minutes', async () => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    await fail(app, member, 9)
    expect((await signInWithCode(app, member)).status).toBe(200)
    nextCode(app)
    const [row] = await storedRows(app, 'throttle_counters', `scope = 'second-factor' and consecutive = 0`)
    expect(row).toBeDefined()
    await fail(app, member, 1)
    expect((await signInWithCode(app, member)).status).toBe(401)
  })

  it('says why in the audit log, and never which code', async () => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    const code = wrongCode(app, member.secret)
    await finishSignIn(app, { token: await beginSignIn(app, member), code })
    const token = await beginSignIn(app, member)
    await finishSignIn(app, { token, code: codeAt(app, member.secret) })
    const text = JSON.stringify(await storedRows(app, 'audit_events', `object_id = '${member.id}'`))
    expect(text).toContain('wrong')
    for (const secret of [code, token, codeAt(app, member.secret)]) expect(text).not.toContain(`"${secret}"`)
  })
})

forEachApp('the operator', {}, (on) => {
  const admin = () => on.app.app.accounts.admin

  it('switches a second factor off, which ends every session and forgets seed, codes and failures', async () => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    const pending = await beginSignIn(app, member)
    await fail(app, member, 10)
    await admin().disableTwoFactor(member.username.toUpperCase())
    expect((await app.send('GET', '/auth/me', { token: member.accessToken })).status).toBe(401)
    expect((await finishSignIn(app, { token: pending, code: codeAt(app, member.secret) })).status).toBe(401)
    const [row] = await storedRows(app, 'users', `id = '${member.id}'`)
    expect(row?.two_factor_secret).toBeNull()
    expect(await countStored(app, 'recovery_codes', `user_id = '${member.id}'`)).toBe(0)
    expect((await tryToSignIn(app, member.username)).body.access_token).not.toBe('')
    expect(await mailsTo(app, member)).toContain('two-factor sign-in was switched off')
    const where = `object_id = '${member.id}' and action = 'account.two_factor_disabled_by_operator'`
    expect(await storedRows(app, 'audit_events', where)).toMatchObject([{ result: 'ok', actor_id: null }])
  })

  it('is told when it is not on and when nobody has the name', async () => {
    const { username } = await createMember(on.app)
    await expect(admin().disableTwoFactor(username)).rejects.toMatchObject({
      code: 'accounts.two_factor_off',
    })
    await expect(admin().disableTwoFactor('nobody')).rejects.toMatchObject({
      code: 'accounts.user_not_found',
    })
  })
})

forEachApp('a session that ended', {}, (on) => {
  it('cannot verify, disable or prove again, not even where its end is not known yet', async () => {
    const { app } = on
    const { db } = app.app.platform
    const enrolling = await setUpTwoFactor(app, await createSignedInMember(app))
    const member = await createTwoFactorMember(app)
    const me = (token: string) => app.send('GET', '/auth/me', { token })
    for (const { id, accessToken } of [enrolling, member]) {
      expect((await me(accessToken)).status).toBe(200)
      await db.withSystem((tx) => revokeSessionsOf(tx, { userId: id, now: app.clock.now(), reason: 'admin' }))
    }
    const post = async (path: string, token: string, body: object) =>
      (await app.send('POST', path, { token, body })).status
    const code = codeAt(app, member.secret)
    const enrolled = { code: codeAt(app, enrolling.secret) }
    expect([400, 401]).toContain(await post('/auth/2fa/verify', enrolling.accessToken, enrolled))
    const password = member.password
    expect(await post('/auth/2fa/disable', member.accessToken, { password, code })).toBe(401)
    expect(await post('/auth/reauthenticate', member.accessToken, { code })).toBe(401)
    expect(await post('/auth/reauthenticate', enrolling.accessToken, { password })).toBe(401)
    expect((await storedRows(app, 'users', `id = '${member.id}'`))[0]?.two_factor_secret).not.toBeNull()
    expect((await signInWithCode(app, member)).status).toBe(200)
  })
})
