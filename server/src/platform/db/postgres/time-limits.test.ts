import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createTradingAccount, tryToStore } from '../../../testing/factories-vault.ts'
import { connectTo } from '../../../testing/postgres-client.ts'
import { insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { locationOf, startTestApp, type TestApp } from '../../../testing/start-test-app.ts'
import { countStored } from '../../../testing/stored-rows.ts'
import { createSignals } from '../../signals/signals.ts'
import {
  type DatabaseLocation,
  DatabaseUnavailableError,
  type Db,
  openDatabase,
  servingRoleProblems,
} from '../index.ts'
import { textType } from '../schema/scalar-types.ts'
import { READ } from '../session.ts'
import { rawStatement } from './control-statements.ts'

const LIMITS = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout']
const IN_FORCE = {
  role: 'outcry_app',
  superuser: 'off',
  statement_timeout: '5s',
  lock_timeout: '2s',
  idle_in_transaction_session_timeout: '10s',
}
const settings = {
  ...rawStatement(
    `select current_user::text as role, current_setting('is_superuser') as superuser, ${LIMITS.map((name) => `current_setting('${name}') as ${name}`).join(', ')}`,
  ),
  hints: new Map(Object.keys(IN_FORCE).map((name) => [name, textType(50)])),
}

describe('on PostgreSQL', () => {
  let app: TestApp
  let location: DatabaseLocation & { kind: 'postgres' }
  beforeAll(async () => {
    app = await startTestApp({ dialect: 'postgres' })
    const given = locationOf(app)
    if (given.kind !== 'postgres') throw new Error('not PostgreSQL')
    location = given
  })
  afterAll(() => app[Symbol.asyncDispose]())

  const seen = (db: Db) =>
    Promise.all([
      ...Array.from({ length: 4 }, () => db[READ].first(settings, [])),
      ...Array.from({ length: 4 }, () => db.withSystem((tx) => tx[READ].first(settings, []))),
    ])

  it('R18: every connection that serves has limits of statements, locks and idle transactions', async () => {
    expect(await seen(app.app.platform.db)).toEqual(Array(8).fill(IN_FORCE))
  })

  it.each([
    'options=-c%20statement_timeout%3D0%20-c%20lock_timeout%3D0',
    'options=-c%20application_name%3Da%5C',
    ...LIMITS.map((name) => `${name}=0`),
  ])('R18: the limits stay with %s in the address of the database', async (extra) => {
    const db = openDatabase({ ...location, url: `${location.url}?${extra}` })
    try {
      expect(await seen(db)).toEqual(Array(8).fill(IN_FORCE))
    } finally {
      await db.close()
    }
  })

  it('R18: the connections that listen and that look at the role ask for the same limits', async () => {
    const asked: string[] = []
    const standIn = createServer((socket) => {
      socket.once('data', (startup) => {
        asked.push(startup.toString('latin1'))
        socket.destroy()
      })
    }).listen(0, '127.0.0.1')
    await once(standIn, 'listening')
    const address = standIn.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const url = `postgres://app@127.0.0.1:${port}/db?options=-c%20lock_timeout%3D0&statement_timeout=0`
    const signals = createSignals({ kind: 'postgres', url })
    try {
      await expect(servingRoleProblems(url, [])).rejects.toThrow(DatabaseUnavailableError)
      await vi.waitUntil(() => asked.length > 1)
      for (const startup of asked) {
        expect(startup).toContain('-c lock_timeout=0 -c TimeZone=UTC')
        expect(startup).toMatch(
          /-c statement_timeout=5s .*-c lock_timeout=2s .*transaction_session_timeout=10s/,
        )
        expect(startup).not.toContain('statement_timeout\0')
      }
    } finally {
      await signals.close()
      standIn.close()
    }
  })

  it('R18: who waits for a lock of somebody else is told 503 and leaves nothing, while others read', async () => {
    const member = await insertSignedInMember(app)
    const kept = await createTradingAccount(app, member)
    const token = member.accessToken
    const owner = await connectTo(location.adminUrl)
    try {
      await owner.query('begin; lock table user_accounts in exclusive mode')
      const [refused, read] = await Promise.all([
        app.send('POST', '/accounts', { token, body: { account_name: 'Second' } }),
        app.send('GET', `/accounts/${kept}`, { token }),
      ])
      expect([refused.status, refused.body.code]).toEqual([503, 'http.unavailable'])
      expect(refused.headers.get('retry-after')).toBe('2')
      expect(refused.text).not.toMatch(/lock|timeout|user_accounts/i)
      expect(read.status).toBe(200)
      await owner.query('rollback')
    } finally {
      await owner.end()
    }
    expect(await countStored(app, 'user_accounts', `user_id = '${member.id}'`)).toBe(1)
    await createTradingAccount(app, member, 'Second')
  })

  it('R18: so is who stores a broker key, whatever was sent along behind what waits', async () => {
    const member = await insertSignedInMember(app)
    const account_id = await createTradingAccount(app, member)
    const wish = { account_id, validate: false }
    const owner = await connectTo(location.adminUrl)
    try {
      await owner.query('begin; lock table users in exclusive mode')
      const refused = await tryToStore(app, member, wish)
      expect([refused.status, refused.body.code]).toEqual([503, 'http.unavailable'])
      await owner.query('rollback')
    } finally {
      await owner.end()
    }
    expect(await countStored(app, 'user_credentials', `user_id = '${member.id}'`)).toBe(0)
    expect((await tryToStore(app, member, wish)).status).toBe(201)
  })
})
