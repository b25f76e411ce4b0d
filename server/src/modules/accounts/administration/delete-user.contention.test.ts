import { expect, it } from 'vitest'
import { findAuditFault } from '../../../platform/audit/audit-fault.ts'
import {
  createMember,
  createSignedInMember,
  insertMembers,
  registerMember,
  signIn,
  verificationTokenFor,
} from '../../../testing/factories.ts'
import { sendAs, wrongCounters } from '../../../testing/relations.ts'
import { insertSignedInMembers } from '../../../testing/signed-in-rows.ts'
import { forEachApp, startTestApp, type TestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

const OWNED = ['sessions', 'passkeys', 'recovery_codes', 'personal_access_tokens', 'pending_sign_ins']
const RELATED = [
  ['follows', 'follower_id', 'following_id'],
  ['blocks', 'blocker_id', 'blocked_id'],
  ['mutes', 'muter_id', 'muted_id'],
] as const
const EMPTIED = [
  'display_name',
  'display_name_key',
  'bio',
  'password_hash',
  'two_factor_secret',
  'last_login_at',
]

/** What an account that was deleted still has; empty while all is well. */
async function leftOf(app: TestApp, id: string): Promise<string[]> {
  const [row = {}] = await storedRows(app, 'users', `id = '${id}'`)
  const left = EMPTIED.filter((name) => row[name] !== null)
  if (row.privacy_level !== 'private' || row.status !== 'inactive') left.push('standing')
  for (const table of OWNED) if (await countStored(app, table, `user_id = '${id}'`)) left.push(table)
  for (const [table, one, other] of RELATED) {
    if (await countStored(app, table, `'${id}' in (${one}, ${other})`)) left.push(table)
  }
  return left
}

forEachApp('deleting an account', {}, (on) => {
  it('leaves nothing of a member whose requests are under way, and nothing of them comes back', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    for (let round = 0; round < 8; round++) {
      const member = await signIn(app, await createMember(app))
      const { accessToken: token, username, password } = member
      const profile = { display_name: 'Back again', bio: 'Still here', is_private: false }
      const change = (node: TestApp) => node.send('PUT', '/users/me', { token, body: profile })
      const answers = await Promise.all([
        change(app),
        change(other),
        app.send('POST', '/auth/login/json', { body: { username_or_email: username, password } }),
        app.send('DELETE', `/users/${member.id}`, { token }),
        change(other),
        change(app),
        other.send('POST', '/auth/tokens', { token, body: { name: 'bot', scopes: ['account:read'] } }),
        other.send('POST', '/auth/2fa/setup', { token, body: {} }),
        change(app),
        change(other),
      ])
      expect(answers.filter(({ status }) => ![200, 201, 400, 401].includes(status))).toEqual([])
      expect(await leftOf(app, member.id)).toEqual([])
    }
    expect(await findAuditFault(app.app.platform.db.asSystem())).toBeUndefined()
  })

  it('lets the operator set no password for somebody who is deleted meanwhile', async () => {
    const { app } = on
    const admin = await createSignedInMember(app, { role: 'super_admin' })
    const members = await insertMembers(app, 8)
    await Promise.all(
      members.flatMap(({ id, username }) => [
        app.app.accounts.admin.setPassword(username, 'set by the operator').catch(({ code }) => code),
        app.send('DELETE', `/users/${id}`, { token: admin.accessToken }),
      ]),
    )
    for (const { id } of members) expect(await leftOf(app, id)).toEqual([])
  })

  it('does not wait in a circle with somebody who proves their address', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    const { accessToken: token } = await createSignedInMember(app, { role: 'super_admin' })
    for (let round = 0; round < 12; round++) {
      const member = await registerMember(app)
      const proof = { body: { token: await verificationTokenFor(app, member.email) } }
      const answers = await Promise.all([
        app.send('POST', '/auth/verify-email', proof),
        other.send('DELETE', `/users/${member.id}`, { token }),
        app.send('POST', '/auth/verify-email', proof),
        other.send('POST', '/auth/verify-email', proof),
      ])
      expect(answers.filter(({ status }) => ![200, 400].includes(status))).toEqual([])
      expect(await leftOf(app, member.id)).toEqual([])
    }
  })
})

forEachApp('deleting an account on one connection', { open: { poolSize: 1 } }, (on) => {
  it.each(['follow', 'mute', 'block'])('leaves no %s that is under way', async (relation) => {
    const { app } = on
    for (let round = 0; round < 4; round++) {
      const [gone, ...others] = await insertSignedInMembers(app, 13)
      if (!gone) throw new Error('No members were made.')
      const answers = await Promise.all([
        sendAs(app, gone, ['DELETE', gone.id, '']),
        ...others.map(({ id }) => sendAs(app, gone, ['POST', id, `/${relation}`])),
        ...others.map((other) => sendAs(app, other, ['POST', gone.id, `/${relation}`])),
      ])
      expect(answers.filter(({ status }) => ![200, 401, 404].includes(status))).toEqual([])
      expect(await leftOf(app, gone.id)).toEqual([])
    }
    expect(await wrongCounters(app)).toEqual([])
  })
})
