import type { CredentialView } from '@outcry/contract/vault'
import { expect, it, vi } from 'vitest'
import { signInBrowser } from '../../../testing/browser.ts'
import { openEvents } from '../../../testing/event-reader.ts'
import {
  changeMember,
  createMember,
  createPersonalToken,
  createSignedInMember,
  signIn,
} from '../../../testing/factories.ts'
import { credentialRow, forEachVaultApp, newPair, storeCredential } from '../../../testing/factories-vault.ts'
import { DAY } from '../../../testing/fixed-clock.ts'
import { type ActingMember, insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { startTestApp, type TestApp } from '../../../testing/start-test-app.ts'
import { runAsOwner } from '../../../testing/stored-rows.ts'

type Token = Pick<ActingMember, 'accessToken'>
const PATH = '/notifications/stream'

const listen = async (app: TestApp, { accessToken: token }: Token, headers = {}) => {
  await expect.poll(() => app.app.platform.signals.isLive).toBe(true)
  return openEvents(`${app.url}/api/v1${PATH}`, { token, headers })
}

forEachVaultApp('GET /notifications/stream', {}, (on) => {
  const as = ({ accessToken: token }: Token) => ({
    send: (method: string, path: string, body?: object) =>
      on.app.send(method, path, { token, ...(body ? { body } : {}) }),
  })

  it('is closed to nobody, to tokens of programs and to accounts that are not active', async () => {
    expect((await on.app.send('GET', PATH)).status).toBe(401)
    const member = await createSignedInMember(on.app)
    const { token } = await createPersonalToken(on.app, member, { scopes: ['account:read'] })
    const byToken = await on.app.send('GET', PATH, { token })
    expect([byToken.status, byToken.body.code]).toEqual([403, 'http.insufficient_scope'])
    await changeMember(on.app, member.id, { status: 'pending_verification' })
    expect((await as(member).send('GET', PATH)).body.code).toBe('http.account_not_active')
  })

  it('tells a member of every change of their credentials, and nobody else', async () => {
    const [owner, other] = [await insertSignedInMember(on.app), await insertSignedInMember(on.app)]
    const [mine, theirs] = [await listen(on.app, owner), await listen(on.app, other)]
    const told: [string, number][] = []
    let stored: CredentialView | undefined
    const step = async (name: string, run: () => Promise<unknown>) => {
      const before = mine.events.length
      await run()
      await expect.poll(() => mine.events.length, { message: name }).toBeGreaterThan(before)
      told.push([name, mine.events.length - before])
    }
    const change = (body: object) => () => as(owner).send('PUT', `/credentials/${stored?.id}`, body)
    const choose = (credential_id: string | null) =>
      as(owner).send('PUT', '/credentials/active', { credential_id })
    await step('stored', async () => {
      stored = await storeCredential(on.app, owner)
    })
    const id = String(stored?.id)
    await step('chosen', () => choose(id))
    await step('renamed', change({ nickname: 'Another' }))
    await step('validated', () => as(owner).send('POST', `/credentials/${id}/validate`))
    await step('rotated', change(newPair()))
    await step('switched off', change({ is_active: false }))
    await step('not chosen', () => choose(null))
    await step('deleted', () => as(owner).send('DELETE', `/credentials/${id}`))
    await step('stored again', () => storeCredential(on.app, owner, { account_id: stored?.account_id }))
    await step('deleted with its account', () => as(owner).send('DELETE', `/accounts/${stored?.account_id}`))
    expect(told.map(([, count]) => count)).toEqual(Array(told.length).fill(1))
    expect(new Set(mine.names())).toEqual(new Set(['credential.changed']))
    expect(mine.events.slice(0, 8).map(({ data }) => data)).toEqual(Array(8).fill({ credential_id: id }))
    expect(mine.events.map(({ id: n }) => Number(n))).toEqual(told.map((_, n) => n + 1))
    await storeCredential(on.app, other)
    await expect.poll(theirs.names).toEqual(['credential.changed'])
    expect(theirs.text()).not.toContain(id)
    expect(mine.events).toHaveLength(told.length)
  })

  it('says nothing of what was refused or changes nothing', async () => {
    const owner = await insertSignedInMember(on.app)
    const { id } = await storeCredential(on.app, owner)
    const stream = await listen(on.app, owner)
    const stale = { 'if-match': '"7"' }
    const answers = [
      await on.app.send('PUT', `/credentials/${id}`, {
        ...{ token: owner.accessToken, body: { nickname: 'x' } },
        headers: stale,
      }),
      await on.app.send('DELETE', `/credentials/${id}`, { token: owner.accessToken, headers: stale }),
      await as(owner).send('PUT', '/credentials/active', { credential_id: on.app.app.platform.newId() }),
      await as(owner).send('PUT', '/credentials/active', { credential_id: null }),
      await as(owner).send('GET', `/credentials/${id}`),
    ]
    expect(answers.map(({ status }) => status)).toEqual([412, 412, 404, 200, 200])
    await as(owner).send('PUT', `/credentials/${id}`, { nickname: 'Named' })
    await expect.poll(stream.names).toEqual(['credential.changed'])
  })

  it('tells of what the vault process finds: a key that is refused, and is switched off', async () => {
    const owner = await insertSignedInMember(on.app)
    const pair = newPair()
    const { id } = await storeCredential(on.app, owner, pair)
    const stream = await listen(on.app, owner)
    const refuse = () => as(owner).send('GET', `/credentials/${id}/account-data`)
    const rejected = (times: number) =>
      vi.waitFor(async () => expect((await credentialRow(on.app, id))?.rejections).toBe(times))
    on.broker.controls.key({ environment: 'paper', keyId: pair.api_key, action: 'revoke' })
    await refuse()
    await rejected(1)
    await on.app.settle()
    await expect.poll(stream.names).toEqual(['credential.changed'])
    await refuse()
    await rejected(2)
    await on.app.settle()
    expect(stream.names()).toEqual(['credential.changed'])
    await refuse()
    await vi.waitFor(async () => expect(Boolean((await credentialRow(on.app, id))?.is_active)).toBe(false))
    await on.app.settle()
    await expect.poll(() => stream.events.length).toBeGreaterThan(1)
    expect(new Set(stream.events.map(({ data }) => JSON.stringify(data)))).toEqual(
      new Set([JSON.stringify({ credential_id: id })]),
    )
  })

  it('asks to read everything again after an interruption, once, and counts on', async () => {
    const owner = await insertSignedInMember(on.app)
    const stream = await listen(on.app, owner, { 'last-event-id': '7' })
    await storeCredential(on.app, owner)
    await expect
      .poll(() => stream.events.map(({ id, name }) => [id, name]))
      .toEqual([
        ['8', 'resync'],
        ['9', 'credential.changed'],
      ])
  })

  it('C34: says that the session has ended, and ends, for that session alone', async () => {
    const member = await createSignedInMember(on.app)
    const elsewhere = await signIn(on.app, member)
    const [here, there] = [await listen(on.app, member), await listen(on.app, elsewhere)]
    expect((await as(elsewhere).send('POST', '/auth/logout', {})).status).toBe(200)
    await there.ended
    expect(there.events).toEqual([{ id: '1', name: 'session.ended', data: {} }])
    await storeCredential(on.app, member)
    await expect.poll(here.names).toEqual(['credential.changed'])
    expect(there.names()).toEqual(['session.ended'])
    expect((await as(member).send('POST', '/auth/logout', { all: true })).status).toBe(200)
    await here.ended
    expect(here.names()).toEqual(['credential.changed', 'session.ended'])
    expect((await as(member).send('GET', PATH)).status).toBe(401)
  })

  it('opens for a browser by its cookie, and ends when it signs out', async () => {
    const member = await createMember(on.app)
    const browser = await signInBrowser(on.app, member)
    const cookie = browser.cookieHeader() ?? ''
    const stream = await openEvents(`${on.app.url}/api/v1${PATH}`, { headers: { cookie } })
    await storeCredential(on.app, await signIn(on.app, member))
    await expect.poll(stream.names).toEqual(['credential.changed'])
    expect((await browser.send('POST', '/auth/logout', { body: {} })).status).toBe(200)
    await stream.ended
    expect(stream.names()).toEqual(['credential.changed', 'session.ended'])
    expect((await on.app.send('GET', PATH, { headers: { cookie } })).status).toBe(401)
  })

  it('C34: ends for a member who is suspended', async () => {
    const [member, admin] = [
      await insertSignedInMember(on.app),
      await createSignedInMember(on.app, { role: 'admin' }),
    ]
    const stream = await listen(on.app, member)
    expect((await as(admin).send('POST', `/users/${member.id}/suspend`, {})).status).toBe(200)
    await stream.ended
    expect(stream.names()).toEqual(['session.ended'])
  })

  it('C34: ends within five seconds of a session that was ended without a note, or by time', async () => {
    const [revoked, kept] = [await insertSignedInMember(on.app), await insertSignedInMember(on.app)]
    const [ending, going] = [await listen(on.app, revoked), await listen(on.app, kept)]
    const at = on.app.clock.now().toISOString()
    const before = performance.now()
    await runAsOwner(on.app, `update sessions set revoked_at = '${at}' where user_id = '${revoked.id}'`)
    await ending.ended
    expect(performance.now() - before).toBeLessThan(5_000)
    expect(ending.names()).toEqual(['session.ended'])
    expect(going.names()).toEqual([])
    on.app.clock.advance(31 * DAY)
    await going.ended
    expect(going.names()).toEqual(['session.ended'])
  })

  it('keeps ten streams of a member, the latest', async () => {
    const member = await insertSignedInMember(on.app)
    const first = await listen(on.app, member)
    const others = []
    for (let opened = 0; opened < 10; opened++) others.push(await listen(on.app, member))
    await first.ended
    expect(first.names()).toEqual([])
    await storeCredential(on.app, member)
    for (const stream of others) await expect.poll(stream.names).toEqual(['credential.changed'])
  })
})

it.each(['sqlite', 'postgres'] as const)('open streams do not hold up a stop on %s', async (dialect) => {
  await using app = await startTestApp({ dialect })
  const streams = []
  for (let opened = 0; opened < 3; opened++) {
    streams.push(await listen(app, await insertSignedInMember(app)))
  }
  const before = performance.now()
  await app.app.stop()
  await Promise.all(streams.map(({ ended }) => ended))
  expect(performance.now() - before).toBeLessThan(5_000)
  expect(streams.flatMap(({ events }) => events)).toEqual([])
  expect(app.logged.join('')).not.toMatch(/"level":"(?:warn|error)"/)
})

it('a member is told on one node of PostgreSQL what happens on the other', async () => {
  await using app = await startTestApp({ dialect: 'postgres' })
  await using other = await startTestApp({ dialect: 'postgres', beside: app })
  const member = await insertSignedInMember(app)
  const stranger = await insertSignedInMember(app)
  const [far, theirs] = [await listen(other, member), await listen(other, stranger)]
  await expect.poll(() => app.app.platform.signals.isLive).toBe(true)
  const { id } = await storeCredential(app, member)
  await expect
    .poll(() => far.events.map(({ name, data }) => [name, data]))
    .toEqual([['credential.changed', { credential_id: id }]])
  const before = performance.now()
  const answer = await app.send('POST', '/auth/logout', { token: member.accessToken, body: {} })
  expect(answer.status).toBe(200)
  await far.ended
  expect(performance.now() - before).toBeLessThan(5_000)
  expect(far.names()).toEqual(['credential.changed', 'session.ended'])
  expect(theirs.names()).toEqual([])
})
