import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { createOpaqueToken, digestToken } from '../../platform/crypto/opaque-token.ts'
import { MINUTE } from '../../platform/durations.ts'
import {
  changeEmail,
  changeMember,
  createMember,
  createSignedInMember,
  emailChangeTokenFor,
  type Member,
  newEmail,
  resetTokenFor,
  type SignedInMember,
  signIn,
  tryToSignIn,
} from '../../testing/factories.ts'
import { type Answer, forEachApp, type TestApp } from '../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../testing/stored-rows.ts'
import { insertChallenge } from './passkeys/passkey-challenge.store.ts'
import { insertEmailVerificationToken } from './registration/email-verification-token.store.ts'
import { voidProofs } from './void-proofs.ts'

/** Everything that a member may hold as a proof. `here` is the session that asks, `there` is another. */
const proofs = [
  'here: access',
  'here: refresh',
  'there: access',
  'there: refresh',
  'sign-in without second factor',
  'passkey challenge',
  'reset link',
  'verification link',
  'link to another address',
  'link to the address before',
  'personal token',
] as const
type Proof = (typeof proofs)[number]

interface Held extends Member {
  readonly here: SignedInMember
  readonly there: SignedInMember
  readonly resetToken: string
  readonly verificationToken: string
  readonly changeToken: string
  readonly undoToken: string
  readonly personalToken: string
}

async function hold(app: TestApp): Promise<Held> {
  const { db, clock, newId } = app.app.platform
  const owner = await createMember(app, { role: 'moderator' })
  const here = await signIn(app, owner)
  const member = { ...owner, email: newEmail() }
  const undoToken = await changeEmail(app, here, member.email)
  const there = await signIn(app, member)
  const made = await app.send('POST', '/auth/tokens', {
    token: here.accessToken,
    body: { name: 'a program', scopes: ['account:read'] },
  })
  const changeToken = await emailChangeTokenFor(app, here, newEmail())
  const resetToken = await resetTokenFor(app, member.email)
  const verificationToken = createOpaqueToken()
  const created_at = clock.now()
  const inFive = new Date(created_at.getTime() + 5 * MINUTE)
  const row = { user_id: member.id, created_at, expires_at: inFive }
  await db.withSystem(async (tx) => {
    const token_hash = digestToken(verificationToken)
    await insertEmailVerificationToken(tx, { ...row, id: newId(), token_hash })
    const challenge_hash = randomBytes(32)
    await insertChallenge(tx, { ...row, id: newId(), challenge_hash, ceremony: 'reauthenticate' })
  })
  await changeMember(app, member.id, { two_factor_enabled: true })
  await tryToSignIn(app, member.username)
  const tokens = { resetToken, verificationToken, changeToken, undoToken }
  return { ...member, here, there, ...tokens, personalToken: String(made.body.token) }
}

const OPEN = 'select id from sessions where revoked_at is null'

async function livingProofs(app: TestApp, held: Held): Promise<Proof[]> {
  const accepts = async (token: string) => (await app.send('GET', '/auth/me', { token })).status === 200
  const refreshes = async (refresh_token: string) =>
    (await app.send('POST', '/auth/refresh', { body: { refresh_token } })).status === 200
  const has = async (table: string, where = 'true') =>
    (await countStored(app, table, `user_id = '${held.id}' and ${where}`)) > 0
  const alive: Record<Proof, boolean> = {
    'here: access': await accepts(held.here.accessToken),
    'there: access': await accepts(held.there.accessToken),
    'personal token': await accepts(held.personalToken),
    'here: refresh': await refreshes(held.here.refreshToken),
    'there: refresh': await refreshes(held.there.refreshToken),
    'sign-in without second factor': await has('pending_sign_ins', 'used_at is null'),
    'passkey challenge': await has('passkey_challenges'),
    'reset link': await has('password_reset_tokens', 'used_at is null'),
    'verification link': await has('email_verification_tokens', 'used_at is null'),
    'link to another address': await has('email_change_tokens', `session_id in (${OPEN})`),
    'link to the address before': await has('email_undo_tokens'),
  }
  return proofs.filter((proof) => alive[proof])
}

const NEXT = 'a sentence nobody else would think of'
const byAdmin = async (app: TestApp, method: string, path: string): Promise<Answer> => {
  const { accessToken: token } = await createSignedInMember(app, { role: 'admin' })
  return app.send(method, path, { token, body: {} })
}
const sessionIdOf = async (app: TestApp, { accessToken: token }: SignedInMember) => {
  const { body } = await app.send('GET', '/auth/sessions', { token })
  return (body.items as { id: string; current: boolean }[]).find(({ current }) => current)?.id
}

/** What may end proofs, and the proofs that outlive it: all others must be dead. */
const events: readonly (readonly [
  name: string,
  happen: (app: TestApp, held: Held) => Promise<Answer | undefined>,
  survivors: readonly Proof[],
])[] = [
  ['nothing', async () => undefined, proofs],
  [
    'signing out',
    (app, { here }) => app.send('POST', '/auth/logout', { token: here.accessToken }),
    proofs.filter((proof) => !proof.startsWith('here') && proof !== 'link to another address'),
  ],
  [
    'signing out everywhere',
    (app, { here }) => app.send('POST', '/auth/logout', { token: here.accessToken, body: { all: true } }),
    ['verification link', 'link to the address before', 'personal token'],
  ],
  [
    'ending a session from another device',
    async (app, { here, there }) =>
      app.send('DELETE', `/auth/sessions/${await sessionIdOf(app, there)}`, { token: here.accessToken }),
    proofs.filter((proof) => !proof.startsWith('there')),
  ],
  [
    'changing the password',
    (app, { here, password }) =>
      app.send('PUT', '/users/me/password', {
        token: here.accessToken,
        body: { current_password: password, new_password: NEXT },
      }),
    ['here: access', 'here: refresh', 'verification link', 'link to the address before', 'personal token'],
  ],
  [
    'resetting the password',
    (app, { resetToken }) =>
      app.send('POST', '/auth/password-reset/confirm', { body: { token: resetToken, new_password: NEXT } }),
    ['link to the address before'],
  ],
  [
    'proving another address',
    (app, { changeToken: token }) => app.send('POST', '/auth/email-change/confirm', { body: { token } }),
    ['here: access', 'here: refresh', 'link to the address before', 'personal token'],
  ],
  [
    'undoing a change of address',
    (app, { undoToken: token }) => app.send('POST', '/auth/email-change/undo', { body: { token } }),
    ['reset link'], // another one, which was mailed to the restored address
  ],
  [
    'a password that the operator sets',
    async (app, { username }) => {
      await app.app.accounts.admin.setPassword(username, NEXT)
      return undefined
    },
    ['verification link', 'link to the address before'],
  ],
  [
    'a lower role',
    async (app, { username }) => {
      await app.app.accounts.admin.setRole(username, 'user')
      return undefined
    },
    ['verification link', 'link to the address before'],
  ],
  [
    'a suspension',
    (app, { id }) => byAdmin(app, 'POST', `/users/${id}/suspend`),
    ['verification link', 'link to the address before'],
  ],
  [
    'a deactivation',
    (app, { id }) => byAdmin(app, 'POST', `/users/${id}/deactivate`),
    ['verification link', 'link to the address before'],
  ],
  [
    'deletion by its member',
    (app, { id, here }) => app.send('DELETE', `/users/${id}`, { token: here.accessToken }),
    [],
  ],
]

forEachApp('C34: what a member held before', {}, (on) => {
  it.each(events)('ends, or stays as it should, with %s', async (_name, happen, survivors) => {
    const { app } = on
    const held = await hold(app)
    const bystander = await createSignedInMember(app)
    const answer = await happen(app, held)
    if (answer) expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 })
    expect(await livingProofs(app, held)).toEqual(survivors)
    expect((await app.send('GET', '/auth/me', { token: bystander.accessToken })).status).toBe(200)
  })

  it('C35: ends with a restore, whoever held it', async () => {
    const { app } = on
    const { db, clock, signals } = app.app.platform
    const held = await hold(app)
    const other = await hold(app)
    await db.withSystem((tx) => voidProofs(tx, clock))
    for (const { id } of [held, other]) signals.publish('accounts.user', id)
    expect(await livingProofs(app, held)).toEqual([])
    expect(await livingProofs(app, other)).toEqual([])
  })

  it('leaves no session open without the reason why the others ended', async () => {
    const { app } = on
    const held = await hold(app)
    await app.app.accounts.admin.setPassword(held.username, NEXT)
    const rows = await storedRows(app, 'sessions', `user_id = '${held.id}'`)
    expect(rows).toHaveLength(2)
    for (const row of rows) expect(row).toMatchObject({ revocation_reason: 'password' })
  })
})
