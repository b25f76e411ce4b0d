import { hash } from '@node-rs/argon2'
import { expect, it, vi } from 'vitest'
import { MINUTE, SECOND } from '../../../platform/durations.ts'
import { BusyError } from '../../../platform/work-gate.ts'
import {
  changeMember,
  createMember,
  createSignedInMember,
  newUsername,
  PASSWORD,
  registerMember,
  storePasswordHash,
  tryToSignIn,
} from '../../../testing/factories.ts'
import { createTwoFactorMember } from '../../../testing/factories-two-factor.ts'
import { forEachApp, type TestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

const weakHash = () => hash(PASSWORD, { memoryCost: 8_192, timeCost: 1, parallelism: 1 })
const WRONG = 'not the password at all'

async function fail(app: TestApp, name: string, times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    expect((await tryToSignIn(app, name, WRONG)).status).toBe(401)
    app.clock.advance(30 * SECOND)
  }
}

/** Waits until nothing that failed counts towards a lock, without ending a run of failures. */
const rest = (app: TestApp) => app.clock.advance(31 * MINUTE)
const statusOf = async (app: TestApp, name: string, password = PASSWORD) =>
  (await tryToSignIn(app, name, password)).status
const reasonsFor = async (app: TestApp, where: string): Promise<unknown[]> => {
  const rows = await storedRows(app, 'audit_events', `action = 'sign_in.password' and ${where}`)
  return rows
    .sort((a, b) => Number(a.seq) - Number(b.seq))
    .map(({ details }) => {
      const facts: unknown = typeof details === 'string' ? JSON.parse(details) : details
      return facts
    })
}

forEachApp('refused sign-ins', {}, (on) => {
  it('are one answer at one cost for unknown, wrong, locked, closed and passwordless accounts', async () => {
    const { app } = on
    const hasher = app.app.platform.hasher
    const known = await createMember(app)
    const locked = await createMember(app)
    await fail(app, locked.username, 10)
    const closed = await Promise.all(
      (['suspended', 'banned', 'inactive'] as const).map(async (status) => {
        const member = await createMember(app)
        await changeMember(app, member.id, { status })
        return member
      }),
    )
    const passwordless = await createMember(app)
    await storePasswordHash(app, passwordless.id, null)
    const pending = await registerMember(app)
    const withSecondFactor = await createTwoFactorMember(app)
    const sessions = await countStored(app, 'sessions')
    const attempts: [string, string][] = [
      [newUsername(), PASSWORD],
      ['nobody@example.test', PASSWORD],
      ['x'.repeat(200), PASSWORD],
      [known.username, WRONG],
      [known.email, WRONG],
      [pending.email, WRONG],
      [withSecondFactor.username, WRONG],
      [locked.username, WRONG],
      [locked.username, PASSWORD],
      [passwordless.username, PASSWORD],
      ...closed.map(({ username }): [string, string] => [username, PASSWORD]),
    ]
    const runs = [vi.spyOn(hasher, 'verify'), vi.spyOn(hasher, 'verifyNothing'), vi.spyOn(hasher, 'hash')]
    const answers = new Set<string>()
    for (const [name, password] of attempts) {
      for (const run of runs) run.mockClear()
      const audits = await countStored(app, 'audit_events')
      const { status, headers, body } = await tryToSignIn(app, name, password)
      expect({ name, status }).toEqual({ name, status: 401 })
      expect(runs.reduce((sum, run) => sum + run.mock.calls.length, 0)).toBe(1)
      expect(await countStored(app, 'audit_events')).toBe(audits + 1)
      const shown = [...headers].filter(([key]) => !['x-request-id', 'date'].includes(key))
      answers.add(JSON.stringify([shown, { ...body, instance: '' }]))
    }
    expect([...answers]).toHaveLength(1)
    expect(await countStored(app, 'sessions')).toBe(sessions)
    expect(await countStored(app, 'pending_sign_ins')).toBe(0)
  })

  it('say in the audit log why, and never what was typed', async () => {
    const { app } = on
    const member = await createMember(app)
    const unknown = newUsername()
    await tryToSignIn(app, unknown)
    await tryToSignIn(app, member.username, WRONG)
    await changeMember(app, member.id, { status: 'banned' })
    await tryToSignIn(app, member.username)
    expect(await reasonsFor(app, `object_id = '${member.id}'`)).toEqual([
      { reason: 'wrong' },
      { reason: 'closed' },
    ])
    const text = JSON.stringify(await storedRows(app, 'audit_events'))
    expect(text).not.toContain(unknown)
    expect(text).not.toContain(WRONG)
  })
})

forEachApp('guessing a password', {}, (on) => {
  it('waits 1, 2, 4 … 30 s after the fifth failure, and the right password waits too', async () => {
    const { app } = on
    const { username } = await createMember(app)
    for (let n = 0; n < 4; n++) expect(await statusOf(app, username, WRONG)).toBe(401)
    for (const seconds of [1, 2, 4, 8, 16]) {
      expect(await statusOf(app, username, WRONG)).toBe(401)
      app.clock.advance(seconds * SECOND - 1)
      expect(await statusOf(app, username)).toBe(401)
      app.clock.advance(1)
    }
    expect(await statusOf(app, username)).toBe(200)
    expect(await statusOf(app, username)).toBe(200)
  })

  it('locks for 15 minutes after 10 failures in 15 minutes, by name, by address and on both paths', async () => {
    const { app } = on
    const { username, email } = await createMember(app)
    const form = (name: string, password: string) =>
      app.send('POST', '/auth/login', { body: new URLSearchParams({ username: name, password }) })
    for (let n = 0; n < 10; n++) {
      const name = n % 2 ? username.toUpperCase() : email
      const answer = n % 3 ? await tryToSignIn(app, name, WRONG) : await form(name, WRONG)
      expect(answer.status).toBe(401)
      app.clock.advance(30 * SECOND)
    }
    app.clock.advance(14 * MINUTE)
    for (const name of [username, email]) {
      expect(await statusOf(app, name)).toBe(401)
      expect((await form(name, PASSWORD)).status).toBe(401)
    }
    app.clock.advance(MINUTE)
    expect(await statusOf(app, username)).toBe(200)
  })

  it('disables the password after 100 failures in a row until it is set anew', async () => {
    const { app } = on
    const { username } = await createMember(app)
    for (let round = 0; round < 10; round++) {
      await fail(app, username, 10)
      rest(app)
    }
    app.clock.advance(365 * 24 * 60 * MINUTE)
    expect(await statusOf(app, username)).toBe(401)
    await app.app.accounts.admin.setPassword(username, 'a password set anew')
    expect(await statusOf(app, username, 'a password set anew')).toBe(200)
  })

  it('counts names that nobody has alike', async () => {
    const { app } = on
    const stranger = newUsername()
    await fail(app, stranger, 10)
    const reasons = await storedRows(app, 'throttle_counters', 'consecutive = 10')
    expect(reasons).toHaveLength(1)
    await registerMember(app, { username: stranger })
    expect(await statusOf(app, stranger)).toBe(200)
  })

  it('does not let a name that nobody has stand in for an account', async () => {
    const { app } = on
    const { id, username } = await createMember(app)
    await fail(app, id, 10)
    expect(await statusOf(app, username)).toBe(200)
  })

  it('judges one of three guesses that come at once', async () => {
    const { app } = on
    const { id, username } = await createMember(app)
    for (let n = 0; n < 5; n++) await statusOf(app, username, WRONG)
    app.clock.advance(SECOND)
    await Promise.all([1, 2, 3].map(() => statusOf(app, username, WRONG)))
    const reasons = await reasonsFor(app, `object_id = '${id}'`)
    expect(reasons.slice(5)).toHaveLength(3)
    expect(reasons.slice(5)).toEqual(
      expect.arrayContaining([{ reason: 'wrong' }, { reason: 'locked' }, { reason: 'locked' }]),
    )
  })

  it('forgets the run when a sign-in passes', async () => {
    const { app } = on
    const { username } = await createMember(app)
    for (let n = 0; n < 4; n++) await statusOf(app, username, WRONG)
    expect(await statusOf(app, username)).toBe(200)
    for (let n = 0; n < 4; n++) await statusOf(app, username, WRONG)
    expect(await statusOf(app, username)).toBe(200)
  })

  it('leaves open sessions and other members alone', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const other = await createMember(app)
    await fail(app, member.username, 10)
    const token = member.accessToken
    expect((await app.send('GET', '/auth/me', { token })).status).toBe(200)
    expect(await statusOf(app, other.username)).toBe(200)
  })

  it('counts no attempt that the busy server turned away', async () => {
    const { app } = on
    const { username } = await createMember(app)
    const verify = vi.spyOn(app.app.platform.hasher, 'verify').mockRejectedValue(new BusyError(2))
    for (let n = 0; n < 12; n++) {
      const { status, headers } = await tryToSignIn(app, username)
      expect({ status, after: headers.get('retry-after') }).toEqual({ status: 503, after: '2' })
    }
    verify.mockRestore()
    expect(await statusOf(app, username)).toBe(200)
  })
})

forEachApp('a flood of sign-ins', { hashing: 'as-configured' }, (on) => {
  it('turns away what the hash gate has no place for', async () => {
    const flood = Array.from({ length: 60 }, () => tryToSignIn(on.app, newUsername()))
    const answers = await Promise.all(flood)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 503]))
  })

  it('turns away before it looks anybody up, and leaves no trace of it', async () => {
    const { app } = on
    const { hasher } = app.app.platform
    const { username } = await createMember(app)
    const traces = () =>
      Promise.all(['audit_events', 'throttle_counters'].map((name) => countStored(app, name)))
    const before = await traces()
    using reserve = vi.spyOn(hasher, 'reserve').mockImplementation(() => {
      throw new BusyError(2)
    })
    using verify = vi.spyOn(hasher, 'verify')
    using verifyNothing = vi.spyOn(hasher, 'verifyNothing')
    for (const name of [username, newUsername()]) {
      const { status, headers } = await tryToSignIn(app, name)
      expect({ status, after: headers.get('retry-after') }).toEqual({ status: 503, after: '2' })
    }
    expect(reserve).toHaveBeenCalledTimes(2)
    expect([...verify.mock.calls, ...verifyNothing.mock.calls]).toEqual([])
    expect(await traces()).toEqual(before)
  })
})

forEachApp('a sign-in that passes', { hashing: 'as-configured' }, (on) => {
  const hashOf = async (id: string) => (await storedRows(on.app, 'users', `id = '${id}'`))[0]?.password_hash

  it('stores a stronger hash in place of a weak one', async () => {
    const { app } = on
    const { id, username } = await createMember(app)
    const weak = await weakHash()
    await storePasswordHash(app, id, weak)
    expect(await statusOf(app, username, WRONG)).toBe(401)
    expect(await hashOf(id)).toBe(weak)
    expect(await statusOf(app, username)).toBe(200)
    const stored = await hashOf(id)
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=47104,t=1,p=1,keyid=/)
    expect(await statusOf(app, username)).toBe(200)
    expect(await hashOf(id)).toBe(stored)
  })

  it('passes twice at once, though the first stores a stronger hash', async () => {
    const { app } = on
    const { id, username } = await createMember(app)
    await storePasswordHash(app, id, await weakHash())
    const twice = await Promise.all([statusOf(app, username), statusOf(app, username)])
    expect(twice).toEqual([200, 200])
    expect(await hashOf(id)).toMatch(/^\$argon2id\$v=19\$m=47104,t=1,p=1,keyid=/)
    expect(await reasonsFor(app, `object_id = '${id}'`)).toEqual([{}, {}])
  })

  it('passes with the weak hash when there is no time for a stronger one', async () => {
    const { app } = on
    const { id, username } = await createMember(app)
    const weak = await weakHash()
    await storePasswordHash(app, id, weak)
    vi.spyOn(app.app.platform.hasher, 'hash').mockRejectedValue(new BusyError(2))
    expect(await statusOf(app, username)).toBe(200)
    expect(await hashOf(id)).toBe(weak)
  })

  it('fails when the password was changed while the old one was being verified', async () => {
    const { app } = on
    const { id, username } = await createMember(app)
    const hasher = app.app.platform.hasher
    const verify = hasher.verify
    vi.spyOn(hasher, 'verify').mockImplementationOnce(async (stored, password) => {
      const isRight = await verify(stored, password)
      await app.app.accounts.admin.setPassword(username, 'changed in the meantime')
      return isRight
    })
    expect(await statusOf(app, username)).toBe(401)
    expect(await countStored(app, 'sessions', `user_id = '${id}'`)).toBe(0)
    expect(await reasonsFor(app, `object_id = '${id}'`)).toEqual([{ reason: 'superseded' }])
    expect(await statusOf(app, username, 'changed in the meantime')).toBe(200)
  })

  it('leaves an audit entry that names member, session and address', async () => {
    const { app } = on
    const { id, username } = await createMember(app)
    const { headers } = await tryToSignIn(app, username)
    const [session] = await storedRows(app, 'sessions', `user_id = '${id}'`)
    const entries = await storedRows(app, 'audit_events', `actor_id = '${id}'`)
    expect(entries).toHaveLength(1)
    expect(entries[0]).toMatchObject({
      action: 'sign_in.password',
      result: 'ok',
      session_id: session?.id,
      address: '127.0.0.1',
      request_id: headers.get('x-request-id'),
    })
  })
})
