import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { CommandInstance } from '../run-command.ts'
import { withDatabaseOf } from '../seed-members.ts'
import { ask } from './api-client.ts'
import { signedIn } from './key-uses.ts'
import { seedCredentials } from './seed-credentials.ts'
import type { SteadyClients } from './steady-clients.ts'

const PASSWORD = 'correct horse battery staple'

/** What a server needs to bear the load for long. */
export const STEADY_SETTINGS = {
  OUTCRY_RATE_LIMITS: 'off',
  OUTCRY_ARGON2_MEMORY_KIB: '12288',
  OUTCRY_ARGON2_PASSES: '3',
  OUTCRY_REFRESH_GRACE: '60', // an answer that a failure swallowed is asked for again
  OUTCRY_LOG_LEVEL: 'warn',
}

/** A member with a session, another one that is refreshed, and a stored key with a token to trade by it. */
export interface SteadyMember {
  readonly session: string
  readonly refreshToken: string
  readonly credential: string
  readonly token: string
}

/** Makes the member of a running server. */
export async function steadyMember(instance: CommandInstance, url: string): Promise<SteadyMember> {
  const session = await signedIn(instance, url, 'owner')
  const body = { username_or_email: 'owner', password: PASSWORD }
  const other = await ask(url, { path: '/auth/login/json', body })
  expect(other).toMatchObject({ status: 200 })
  const me = await ask(url, { path: '/auth/me', token: session })
  const wish = { name: 'trades', scopes: ['broker:trade'] }
  const made = await ask(url, { path: '/auth/tokens', token: session, body: wish })
  expect(made).toMatchObject({ status: 201 })
  const [credential = ''] = await withDatabaseOf(instance, (db) =>
    seedCredentials({ env: instance.env, db, owner: String(me?.body.id), count: 1 }),
  )
  return {
    ...{ session, credential },
    token: String(made?.body.token),
    refreshToken: String(other?.body.refresh_token),
  }
}

/** What was asked for, each with whether it was acknowledged. */
export interface SteadyLoad {
  /** By the name of the new member. */
  readonly registered: ReadonlyMap<string, boolean>
  /** By what the broker is asked, which is another path each time. */
  readonly traded: ReadonlyMap<string, boolean>
}

/** Adds clients that register, read, refresh and trade. */
export function addSteadyLoad(clients: SteadyClients, who: SteadyMember): SteadyLoad {
  const registered = new Map<string, boolean>()
  const traded = new Map<string, boolean>()
  let { refreshToken } = who
  for (const lane of [1, 2]) {
    clients.add(`register ${lane}`, async (send, turn) => {
      const username = `new_${lane}_${turn}`
      const body = { username, email: `${username}@example.test`, password: PASSWORD }
      registered.set(username, false)
      const answer = await send({ path: '/auth/register', body })
      registered.set(username, answer?.status === 201)
    })
    clients.add(`read ${lane}`, async (send) => {
      await send({ path: '/auth/sessions', token: who.session })
    })
    clients.add(`trade ${lane}`, async (send) => {
      const path = `/v2/orders/${randomUUID()}`
      traded.set(path, false)
      const asked = { method: 'DELETE', path: `/gateway/${who.credential}${path}`, token: who.token } as const
      traded.set(path, (await send(asked))?.status === 200)
    })
  }
  clients.add('refresh', async (send) => {
    const answer = await send({ path: '/auth/refresh', body: { refresh_token: refreshToken } })
    if (answer?.status === 200) refreshToken = String(answer.body.refresh_token)
  })
  return { registered, traded }
}

const acknowledged = (asked: ReadonlyMap<string, boolean>) =>
  [...asked].filter(([, isAnswered]) => isAnswered).map(([name]) => name)

/** What was acknowledged is there once, what was not is there once or not at all, and nothing is there by half. */
export async function expectExactEffects(seen: {
  readonly load: SteadyLoad
  /** The paths that reached the broker. */
  readonly received: readonly string[]
  readonly rowsOf: (sql: string) => Promise<Record<string, unknown>[]>
}): Promise<void> {
  const { load, received, rowsOf } = seen
  const members = await rowsOf(`select username from users where username like 'new_%' order by username`)
  const stored = members.map(({ username }) => username)
  expect(stored).toEqual(expect.arrayContaining(acknowledged(load.registered)))
  expect([...load.registered.keys()]).toEqual(expect.arrayContaining(stored))
  const links = await rowsOf(
    `select u.username from email_verification_tokens t join users u on u.id = t.user_id order by u.username`,
  )
  expect(links.map(({ username }) => username)).toEqual(stored)

  expect(new Set(received).size).toBe(received.length)
  expect(received).toEqual(expect.arrayContaining(acknowledged(load.traded)))
  const uses = await rowsOf(
    `select details ->> 'path' as path from audit_events where action = 'credential.used'`,
  )
  const audited = uses.map(({ path }) => path)
  expect(new Set(audited).size).toBe(audited.length)
  expect(audited).toEqual(expect.arrayContaining([...received]))
}
