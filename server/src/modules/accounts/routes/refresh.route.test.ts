import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { parseKeyRingDocument, withNewKey } from '../../../platform/crypto/key-ring-document.ts'
import { serverKeyRing } from '../../../platform/crypto/server-key-ring.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../../platform/durations.ts'
import {
  changeMember,
  createSignedInMember,
  registerMember,
  signIn,
  verificationTokenFor,
} from '../../../testing/factories.ts'
import { forEachApp, startTestApp, type TestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

const refresh = (app: TestApp, refresh_token: unknown) =>
  app.send('POST', '/auth/refresh', { body: { refresh_token } })
const me = async (app: TestApp, token: unknown) =>
  (await app.send('GET', '/auth/me', { token: String(token) })).status
const sessionOf = async (app: TestApp, userId: string) =>
  (await storedRows(app, 'sessions', `user_id = '${userId}'`))[0]
/** Refreshes and expects it to succeed. */
const next = async (app: TestApp, token: unknown) => {
  const { status, body } = await refresh(app, token)
  expect(status).toBe(200)
  return body
}
const expectEnded = async (app: TestApp, ...tokens: unknown[]) => {
  for (const token of tokens) expect((await refresh(app, token)).status).toBe(401)
}

forEachApp('POST /auth/refresh', {}, (on) => {
  it('refuses every token that is not a refresh token with the same 401', async () => {
    const { app } = on
    const pending = await registerMember(app)
    const { accessToken, refreshToken } = await createSignedInMember(app)
    const { refreshToken: another } = await createSignedInMember(app)
    const bodies = new Set<string>()
    for (const token of [
      'nonsense',
      'x'.repeat(72),
      accessToken,
      await verificationTokenFor(app, pending.email),
      refreshToken.slice(0, 30) + another.slice(30),
      another.slice(0, 30) + refreshToken.slice(30),
      `${refreshToken.slice(0, -1)}${refreshToken.endsWith('A') ? 'B' : 'A'}`,
      `${refreshToken}=`,
      ` ${refreshToken}`,
      `${refreshToken}${refreshToken}`,
    ]) {
      const { status, headers, body } = await refresh(app, token)
      expect({ token, status }).toEqual({ token, status: 401 })
      expect(headers.get('www-authenticate')).toBe('Bearer')
      bodies.add(JSON.stringify({ ...body, instance: '' }))
    }
    expect([...bodies]).toHaveLength(1)
    await next(app, refreshToken)
    await next(app, another)
  })

  it.each([[''], ['x'.repeat(2_049)], [null], [7], [undefined]])('refuses %j with 422', async (token) => {
    const { status, body } = await refresh(on.app, token)
    expect(status).toBe(422)
    expect(body.errors).toMatchObject([{ path: 'body.refresh_token' }])
  })

  it('gives new tokens, and keeps nothing that could be used as one', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    app.clock.advance(60 * SECOND)
    const body = await next(app, member.refreshToken)
    expect(Object.keys(body).sort()).toEqual(['access_token', 'expires_in', 'refresh_token', 'token_type'])
    expect(body).toMatchObject({ token_type: 'bearer', expires_in: 1800 })
    expect(body.refresh_token).not.toBe(member.refreshToken)
    expect(body.access_token).not.toBe(member.accessToken)
    expect(await me(app, body.access_token)).toBe(200)
    expect(await me(app, member.accessToken)).toBe(200)
    expect(Number((await sessionOf(app, member.id))?.refresh_counter)).toBe(1)
    expect(await countStored(app, 'sessions', `user_id = '${member.id}'`)).toBe(1)
  })

  it('gives the same successor again for ten seconds', async () => {
    const { app } = on
    const { refreshToken } = await createSignedInMember(app)
    const first = await next(app, refreshToken)
    app.clock.advance(10 * SECOND - 1)
    const again = await next(app, refreshToken)
    expect(again.refresh_token).toBe(first.refresh_token)
    expect(again.access_token).not.toBe(first.access_token)
    await next(app, first.refresh_token)
  })

  it('ends the whole session when a spent token comes back after the grace', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const honest = await next(app, member.refreshToken)
    app.clock.advance(10 * SECOND)
    await expectEnded(app, member.refreshToken, honest.refresh_token)
    expect(await me(app, honest.access_token)).toBe(401)
    expect(await me(app, member.accessToken)).toBe(401)
    expect(await sessionOf(app, member.id)).toMatchObject({ revocation_reason: 'reuse' })
    const audits = await storedRows(app, 'audit_events', `object_id = '${member.id}'`)
    const refused = audits.filter(({ action }) => action === 'session.refresh')
    expect(refused.map(({ result }) => result)).toEqual(['refused', 'refused'])
    expect(JSON.stringify(refused.map(({ details }) => details))).toContain('reuse')
  })

  it('C49: tells the member once that a session was stolen, however many thieves come', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    await next(app, member.refreshToken)
    app.clock.advance(10 * SECOND)
    const answers = await Promise.all(Array.from({ length: 16 }, () => refresh(app, member.refreshToken)))
    expect(answers.map(({ status }) => status)).toEqual(Array(16).fill(401))
    await app.settle()
    const mails = app.mail.to(member.email)
    expect(mails).toHaveLength(1)
    expect(mails[0]?.text).toContain('used twice, as a thief would')
    expect(mails[0]?.text).not.toMatch(/https?:/)
  })

  it('gives no longer grace because a clock was set back', async () => {
    const { app } = on
    const [skewed, setBack] = [await createSignedInMember(app), await createSignedInMember(app)]
    const successors = [await next(app, skewed.refreshToken), await next(app, setBack.refreshToken)]
    app.clock.advance(-1)
    expect((await next(app, skewed.refreshToken)).refresh_token).toBe(successors[0]?.refresh_token)
    app.clock.advance(-10 * SECOND)
    await expectEnded(app, setBack.refreshToken, successors[1]?.refresh_token)
    expect(await sessionOf(app, setBack.id)).toMatchObject({ revocation_reason: 'reuse' })
    app.clock.advance(10 * SECOND + 1)
  })

  it('ends the session within the grace too, once the successor was used', async () => {
    const { app } = on
    const { refreshToken } = await createSignedInMember(app)
    const first = await next(app, refreshToken)
    const second = await next(app, first.refresh_token)
    await expectEnded(app, refreshToken, second.refresh_token, first.refresh_token)
    expect(await me(app, second.access_token)).toBe(401)
  })

  it('leaves the other sessions of the member alone', async () => {
    const { app } = on
    const stolen = await createSignedInMember(app)
    const other = await signIn(app, stolen)
    await next(app, stolen.refreshToken)
    app.clock.advance(11 * SECOND)
    await expectEnded(app, stolen.refreshToken)
    await next(app, other.refreshToken)
    expect(await me(app, other.accessToken)).toBe(200)
  })

  it.each([5, 50])('serves %d uses at once with one successor', async (uses) => {
    const { app } = on
    const member = await createSignedInMember(app)
    const answers = await Promise.all(Array.from({ length: uses }, () => refresh(app, member.refreshToken)))
    expect(answers.map(({ status }) => status)).toEqual(Array(uses).fill(200))
    const successors = new Set(answers.map(({ body }) => body.refresh_token))
    expect([...successors]).toHaveLength(1)
    expect(Number((await sessionOf(app, member.id))?.refresh_counter)).toBe(1)
    const tokenIds = new Set(answers.map(({ body }) => body.access_token))
    expect(tokenIds.size).toBe(uses)
    await next(app, [...successors][0])
  })

  it('ends a session that nobody used for 7 days', async () => {
    const { app } = on
    const { refreshToken } = await createSignedInMember(app)
    app.clock.advance(7 * DAY - 1)
    const { refresh_token } = await next(app, refreshToken)
    app.clock.advance(7 * DAY)
    await expectEnded(app, refresh_token)
  })

  it.each(['admin', 'super_admin'] as const)(
    'C47: ends the session of a %s after one idle hour',
    async (role) => {
      const { app } = on
      const { refreshToken, accessToken } = await createSignedInMember(app, { role })
      app.clock.advance(HOUR - 1)
      const { refresh_token, access_token } = await next(app, refreshToken)
      expect(await me(app, accessToken)).toBe(401)
      app.clock.advance(30 * MINUTE)
      expect(await me(app, access_token)).toBe(200)
      app.clock.advance(30 * MINUTE)
      expect(await me(app, access_token)).toBe(401)
      await expectEnded(app, refresh_token)
    },
  )

  it('C47: holds a new administrator to the hour in a session that is older than the role', async () => {
    const { app } = on
    const { username, refreshToken } = await createSignedInMember(app)
    await app.app.accounts.admin.setRole(username, 'admin')
    app.clock.advance(HOUR)
    await expectEnded(app, refreshToken)
  })

  it('C31: leaves no access token alive in a session that ended by idleness', async () => {
    const { app } = on
    const { accessToken, refreshToken } = await createSignedInMember(app)
    app.clock.advance(7 * DAY)
    expect(await me(app, accessToken)).toBe(401)
    await expectEnded(app, refreshToken)
  })

  it('C47: ends access with the idle hour, however long the operator lets access tokens live', async () => {
    await using app = await startTestApp({ dialect: on.dialect, env: { OUTCRY_ACCESS_TOKEN_TTL: '86400' } })
    const admin = await createSignedInMember(app, { role: 'admin' })
    const member = await createSignedInMember(app)
    app.clock.advance(HOUR - SECOND)
    expect(await me(app, admin.accessToken)).toBe(200)
    app.clock.advance(31 * SECOND) // with the leeway of a token
    expect([await me(app, admin.accessToken), await me(app, member.accessToken)]).toEqual([401, 200])
  })

  it('ends a session after 30 days, however busy', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    let body: Record<string, unknown> = { refresh_token: member.refreshToken }
    for (let day = 5; day < 30; day += 5) {
      app.clock.advance(5 * DAY)
      body = await next(app, body.refresh_token)
    }
    app.clock.advance(5 * DAY - 1)
    body = await next(app, body.refresh_token)
    expect(await me(app, body.access_token)).toBe(200)
    app.clock.advance(1)
    expect(await me(app, body.access_token)).toBe(401)
    await expectEnded(app, body.refresh_token)
  })

  it.each(['suspended', 'banned', 'inactive'] as const)('refuses a member who is %s', async (status) => {
    const { app } = on
    const { id, refreshToken } = await createSignedInMember(app)
    await changeMember(app, id, { status })
    await expectEnded(app, refreshToken)
    await changeMember(app, id, { status: 'active' })
    await next(app, refreshToken)
  })

  it('serves pending members', async () => {
    const { refreshToken } = await signIn(on.app, await registerMember(on.app))
    await next(on.app, refreshToken)
  })

  it('refuses a session that was revoked, with its access tokens', async () => {
    const { app } = on
    const { username, refreshToken, accessToken } = await createSignedInMember(app)
    expect(await me(app, accessToken)).toBe(200)
    await app.app.accounts.admin.setPassword(username, 'another fine password')
    await expectEnded(app, refreshToken)
    expect(await me(app, accessToken)).toBe(401)
  })

  it.each(['admin', 'super_admin'] as const)('gives a %s no grace', async (role) => {
    const { app } = on
    const { refreshToken } = await createSignedInMember(app, { role })
    const { refresh_token } = await next(app, refreshToken)
    await expectEnded(app, refreshToken, refresh_token)
  })

  it('keeps sessions alive when the key ring gets a new refresh key', async () => {
    const { app, dialect } = on
    const member = await createSignedInMember(app)
    const path = app.config.keysFile
    const document = parseKeyRingDocument(serverKeyRing, await readFile(path, 'utf8'), path)
    await writeFile(path, JSON.stringify(withNewKey(document, 'refresh_token', { now: app.clock.now() })))
    await using rotated = await startTestApp({ dialect, beside: app })
    const { refresh_token } = await next(rotated, member.refreshToken)
    await next(rotated, refresh_token)
    const younger = await createSignedInMember(rotated)
    await next(rotated, younger.refreshToken)
    const [before, after] = await Promise.all([sessionOf(app, member.id), sessionOf(app, younger.id)])
    expect(before?.refresh_key_id).not.toBe(after?.refresh_key_id)
  })

  it('keeps one successor across two nodes, and ends both when it is stolen', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    const member = await createSignedInMember(app)
    const uses = Array.from({ length: 10 }, (_, n) => refresh(n % 2 ? app : other, member.refreshToken))
    const answers = await Promise.all(uses)
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
    const successors = new Set(answers.map(({ body }) => body.refresh_token))
    expect([...successors]).toHaveLength(1)
    const access = answers[0]?.body.access_token
    expect(await me(other, access)).toBe(200)
    app.clock.advance(11 * SECOND)
    await expectEnded(app, member.refreshToken)
    await expectEnded(other, [...successors][0])
    expect(await me(app, access)).toBe(401)
    await expect.poll(() => me(other, access)).toBe(401)
  })
})

describe('POST /auth/refresh with other settings', () => {
  it('knows no grace when the settings say 0', async () => {
    await using app = await startTestApp({ dialect: 'sqlite', env: { OUTCRY_REFRESH_GRACE: '0' } })
    const { refreshToken } = await createSignedInMember(app)
    const { refresh_token } = await next(app, refreshToken)
    await expectEnded(app, refreshToken, refresh_token)
  })

  it('takes sixty a minute from one address', async () => {
    await using app = await startTestApp({ dialect: 'sqlite', env: { OUTCRY_RATE_LIMITS: 'on' } })
    for (let n = 0; n < 60; n++) expect((await refresh(app, 'nonsense')).status).toBe(401)
    expect((await refresh(app, 'nonsense')).status).toBe(429)
  })
})
