import { expect, it } from 'vitest'
import { MINUTE } from '../../../platform/durations.ts'
import { createSignedInMember, registerMember, signIn } from '../../../testing/factories.ts'
import {
  beginSignIn,
  createTwoFactorMember,
  finishSignIn,
  setUpTwoFactor,
} from '../../../testing/factories-two-factor.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'
import { countStored } from '../../../testing/stored-rows.ts'

forEachApp('POST /auth/2fa/backup-codes', {}, (on) => {
  const renew = (token?: string) => on.app.send('POST', '/auth/2fa/backup-codes', token ? { token } : {})

  it('refuses who is signed out with 401, who is pending with 403, and who has it off with 400', async () => {
    expect((await renew()).status).toBe(401)
    const pending = await signIn(on.app, await registerMember(on.app))
    expect((await renew(pending.accessToken)).status).toBe(403)
    const off = await createSignedInMember(on.app)
    const { status, body } = await renew(off.accessToken)
    expect([status, body.type]).toEqual([400, 'urn:outcry:problem:accounts.two_factor_off'])
    await setUpTwoFactor(on.app, off)
    expect((await renew(off.accessToken)).status).toBe(400)
  })

  it('asks for a fresh session', async () => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    app.clock.advance(5 * MINUTE)
    const { status, headers } = await renew(member.accessToken)
    expect(status).toBe(401)
    expect(headers.get('www-authenticate')).toContain('max_age=300')
    const step = { token: await beginSignIn(app, member), code: member.backupCodes[0] }
    expect((await finishSignIn(app, step)).status).toBe(200)
  })

  it('gives ten new codes, kills the old ones and tells the member; sessions go on', async () => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    const { status, headers, body } = await renew(member.accessToken)
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    const codes = body.backup_codes as string[]
    expect(codes).toHaveLength(10)
    expect(new Set([...codes, ...member.backupCodes]).size).toBe(20)
    const token = await beginSignIn(app, member)
    for (const code of member.backupCodes.slice(0, 4)) {
      expect((await finishSignIn(app, { token, code })).status).toBe(401)
    }
    expect((await finishSignIn(app, { token, code: codes[3] })).status).toBe(200)
    expect((await app.send('GET', '/auth/me', { token: member.accessToken })).status).toBe(200)
    await app.settle()
    expect(
      app.mail
        .to(member.email)
        .map(({ text }) => text)
        .join(),
    ).toContain('new backup codes were made')
    const where = `object_id = '${member.id}' and action = 'two_factor.backup_codes_renewed'`
    expect(await countStored(app, 'audit_events', where)).toBe(1)
  })

  it('leaves the ten codes of one answer when twenty ask at once', async () => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    const answers = await Promise.all(Array.from({ length: 20 }, () => renew(member.accessToken)))
    for (const { status } of answers) expect(status).toBe(200)
    expect(await countStored(app, 'recovery_codes', `user_id = '${member.id}'`)).toBe(10)
  })
})
