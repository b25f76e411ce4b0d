import { expect, it, vi } from 'vitest'
import { findAuditFault } from '../../platform/audit/audit-fault.ts'
import {
  createSignedInMember,
  insertMembers,
  PASSWORD,
  registerMember,
  storePasswordHash,
  tryToSignIn,
  verificationTokenFor,
} from '../../testing/factories.ts'
import { type Answer, forEachApp, startTestApp, type TestApp } from '../../testing/start-test-app.ts'
import { countStored } from '../../testing/stored-rows.ts'

/** Makes hashing free, so that what contends is the database. */
function trustEveryPassword({ app }: TestApp): void {
  const { hasher } = app.platform
  vi.spyOn(hasher, 'reserve').mockReturnValue({ [Symbol.dispose]: () => undefined })
  vi.spyOn(hasher, 'verify').mockResolvedValue(true)
  vi.spyOn(hasher, 'needsRehash').mockReturnValue(false)
}

async function membersWithPassword(app: TestApp, count: number) {
  const members = await insertMembers(app, count)
  for (const { id } of members) await storePasswordHash(app, id, '$any')
  return members
}

forEachApp('many at once', {}, (on) => {
  it('sign in, refresh, verify and fail on two nodes without waiting for each other in a circle', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    const session = await createSignedInMember(app)
    const pending = await registerMember(app)
    const token = await verificationTokenFor(app, pending.email)
    const members = await membersWithPassword(app, 24)
    const nodes = [app, other]
    for (const node of nodes) trustEveryPassword(node)
    const audits = await countStored(app, 'audit_events')
    const onEach = (send: (node: TestApp) => Promise<Answer>) => Promise.all([...nodes, ...nodes].map(send))
    const post = (path: string, body: object) => (node: TestApp) => node.send('POST', path, { body })
    const [refreshed, verified, refused, ...signedIn] = await Promise.all([
      onEach(post('/auth/refresh', { refresh_token: session.refreshToken })),
      onEach(post('/auth/verify-email', { token })),
      onEach(post('/auth/refresh', { refresh_token: 'x'.repeat(72) })),
      ...members.map(({ username }) => tryToSignIn(app, username).then((answer) => [answer])),
      ...members.map(({ email }) => tryToSignIn(other, email).then((answer) => [answer])),
    ])
    const statusesOf = (answers: Answer[] = []) => answers.map(({ status }) => status).sort()
    expect(statusesOf(refreshed)).toEqual([200, 200, 200, 200])
    expect(statusesOf(verified)).toEqual([200, 400, 400, 400])
    expect(statusesOf(refused)).toEqual([401, 401, 401, 401])
    expect(statusesOf(signedIn.flat())).toEqual(Array(48).fill(200))
    expect(await countStored(app, 'audit_events')).toBe(audits + 4 + 4 + 48)
    expect(await findAuditFault(app.app.platform.db.asSystem())).toBeUndefined()
  })

  it('register one name on two nodes, and one of them gets it', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    const hash = await app.app.platform.hasher.hash(PASSWORD)
    for (const node of [app, other]) vi.spyOn(node.app.platform.hasher, 'hash').mockResolvedValue(hash)
    const before = await countStored(app, 'users')
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, n) => {
        const username = n % 3 ? 'Wanted_Name' : 'wanted_name'
        const body = { username, email: `wanted${n}@example.test`, password: PASSWORD }
        return (n % 2 ? app : other).send('POST', '/auth/register', { body })
      }),
    )
    const statuses = answers.map(({ status }) => status).sort()
    expect(statuses).toEqual([201, ...Array(29).fill(400)])
    expect(await countStored(app, 'users')).toBe(before + 1)
    expect(await countStored(app, 'audit_events', `action = 'account.registered'`)).toBe(
      await countStored(app, 'email_verification_tokens'),
    )
    expect(await findAuditFault(app.app.platform.db.asSystem())).toBeUndefined()
  })
})
