import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { HOUR, SECOND } from '../../../platform/durations.ts'
import { changeMember, createMember, PASSWORD, signIn } from '../../../testing/factories.ts'
import {
  beginSignIn,
  codeAt,
  createTwoFactorMember,
  finishSignIn,
  nextCode,
  signInWithCode,
} from '../../../testing/factories-two-factor.ts'
import { type Answer, forEachApp, startTestApp, type TestApp } from '../../../testing/start-test-app.ts'
import { countStored } from '../../../testing/stored-rows.ts'

const ROUNDS = 6

/** What somebody asks on one node while another node signs out in the same moment, a little earlier or later. */
async function whileSigningOut(
  node: TestApp,
  asked: Promise<Answer>,
  { token, all }: { token: string; all: boolean },
): Promise<number[]> {
  const signOut = async (afterMs: number) => {
    await wait(afterMs)
    return node.send('POST', '/auth/logout', { token, body: { all } })
  }
  const answers = await Promise.all([asked, ...[2, 4, 6, 8].map(signOut)])
  return answers.map(({ status }) => status)
}

forEachApp('a member who is held', {}, (on) => {
  it('proves again or is signed out, in whichever order the two come, and nothing breaks', async () => {
    const { app, dialect } = on
    await using node = await startTestApp({ dialect, beside: app })
    const member = await createTwoFactorMember(app)
    const statuses: number[] = []
    for (let n = 0; n < ROUNDS; n++) {
      const { body } = await signInWithCode(app, member)
      nextCode(app)
      const token = String(body.access_token)
      const asked = app.send('POST', '/auth/reauthenticate', { token, body: { code: member.backupCodes[n] } })
      statuses.push(...(await whileSigningOut(node, asked, { token, all: false })))
      expect((await app.send('GET', '/auth/me', { token })).status).toBe(401)
    }
    expect(statuses.filter((status) => ![200, 401].includes(status))).toEqual([])
  })

  it('finishes signing in or is signed out everywhere, in whichever order, and no session is left over', async () => {
    const { app, dialect } = on
    await using node = await startTestApp({ dialect, beside: app })
    const member = await createTwoFactorMember(app)
    const statuses: number[] = []
    for (let n = 0; n < ROUNDS; n++) {
      const token = String((await signInWithCode(app, member)).body.access_token)
      nextCode(app)
      const pending = await beginSignIn(app, member)
      const asked = finishSignIn(app, { token: pending, code: codeAt(app, member.secret) })
      statuses.push(...(await whileSigningOut(node, asked, { token, all: true })))
      nextCode(app)
    }
    expect(statuses.filter((status) => ![200, 401].includes(status))).toEqual([])
    const finished = `action = 'sign_in.second_factor' and result = 'ok' and actor_id = '${member.id}'`
    expect(await countStored(app, 'audit_events', finished)).toBeGreaterThanOrEqual(ROUNDS)
  })

  it('may do all again once a suspension is over, before anything has written so', async () => {
    const { app } = on
    const member = await createMember(app)
    const suspension_ends_at = new Date(app.clock.now().getTime() + HOUR)
    await changeMember(app, member.id, { status: 'suspended', suspension_ends_at })
    app.clock.advance(HOUR + SECOND)
    const { accessToken: token } = await signIn(app, member)
    const ask = (path: string, body?: object) => app.send('POST', path, { token, ...(body ? { body } : {}) })
    expect((await ask('/auth/reauthenticate', { password: PASSWORD })).status).toBe(200)
    expect((await ask('/auth/2fa/setup')).status).toBe(200)
    expect((await ask('/auth/tokens', { name: 'A program', scopes: ['account:read'] })).status).toBe(201)
    expect(await countStored(app, 'users', `id = '${member.id}' and status = 'suspended'`)).toBe(1)
  })
})
