import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createPersonalToken, createSignedInMember, newUsername, PASSWORD } from '../src/testing/factories.ts'
import { startVaultApp, storeCredential } from '../src/testing/factories-vault.ts'
import { openRowReader } from '../src/testing/fuzz/row-snapshot.ts'
import { connectTo } from '../src/testing/postgres-client.ts'
import { locationOf, type TestApp, type TestAppOptions } from '../src/testing/start-test-app.ts'
import { countStored } from '../src/testing/stored-rows.ts'

const AT_ONCE = 3 // as many as may hash or wait at once on one core

async function setting(dialect: TestAppOptions['dialect']) {
  const { app, broker, ...started } = await startVaultApp({ dialect })
  onTestFinished(() => started[Symbol.asyncDispose]())
  const owner = await memberWithKey(app)
  const register = () => {
    const username = newUsername()
    return app.send('POST', '/auth/register', {
      body: { username, email: `${username}@example.test`, password: PASSWORD },
    })
  }
  const signIn = () =>
    app.send('POST', '/auth/login/json', {
      body: { username_or_email: owner.member.username, password: PASSWORD },
    })
  const me = () => app.send('GET', '/auth/me', { token: owner.member.accessToken })
  const use = () => app.send('GET', `/gateway/${owner.credential}/v2/account`, { token: owner.token })
  return { app, broker, owner, register, signIn, me, use }
}

async function memberWithKey(app: TestApp) {
  const member = await createSignedInMember(app)
  const { id: credential } = await storeCredential(app, member)
  const { token } = await createPersonalToken(app, member, { scopes: ['broker:read'] })
  return { member, credential, token }
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)
const statusesOf = (answers: readonly { readonly status: number }[]) =>
  new Set(answers.map(({ status }) => status))

describe('R19: a transaction of another process that stays open', () => {
  it('on PostgreSQL, with old eyes and locks on others, keeps nobody from signing in or using a key', async () => {
    const { app, broker, owner, register, signIn, me, use } = await setting('postgres')
    const other = await memberWithKey(app)
    const location = locationOf(app)
    const holder = await connectTo(location.kind === 'postgres' ? location.adminUrl : '')
    onTestFinished(() => holder.end())
    await holder.query(`begin isolation level repeatable read; set local app.system = 'on'`)
    const seen = async () => (await holder.query('select count(*) as count from sessions')).rows
    const before = await seen()
    for (const [table, column, id] of [
      ['users', 'id', other.member.id],
      ['sessions', 'user_id', other.member.id],
      ['personal_access_tokens', 'user_id', other.member.id],
      ['user_credentials', 'id', other.credential],
    ]) {
      const held = await holder.query(`update ${table} set ${column} = ${column} where ${column} = $1`, [id])
      expect(held.rowCount).toBeGreaterThan(0)
    }

    const sessionsBefore = await countStored(app, 'sessions', `user_id = '${owner.member.id}'`)
    const calls = broker.log.entries().length
    const signedIn = await Promise.all(upTo(AT_ONCE).map(signIn))
    const used = await Promise.all(upTo(AT_ONCE).map(use))
    expect(statusesOf([...signedIn, ...used, await me()])).toEqual(new Set([200]))
    expect((await register()).status).toBe(201)
    expect(await countStored(app, 'sessions', `user_id = '${owner.member.id}'`)).toBe(
      sessionsBefore + AT_ONCE,
    )
    expect(broker.log.entries().length - calls).toBe(AT_ONCE)
    const usesOf = `action = 'credential.used' and object_id = '${owner.credential}'`
    expect(await countStored(app, 'audit_events', usesOf)).toBe(AT_ONCE)
    expect(await seen()).toEqual(before)
    await holder.query('commit')
  })

  it('on SQLite, with its one write lock, keeps nobody from reading; writes are refused after a while, whole, and done later', async () => {
    const { app, broker, register, signIn, me, use } = await setting('sqlite')
    await me() // when a session was last seen is written once in a while
    const location = locationOf(app)
    const holder = new DatabaseSync(location.kind === 'sqlite' ? location.path : '')
    onTestFinished(() => holder.close())
    await using rows = await openRowReader(app.config)
    const before = await rows.snapshot()
    const calls = broker.log.entries().length
    holder.exec('begin immediate')
    const writing = Promise.all(upTo(AT_ONCE).flatMap(() => [signIn(), use(), register()]))
    expect(statusesOf(await Promise.all(upTo(AT_ONCE).map(me)))).toEqual(new Set([200]))
    expect((await fetch(`${app.url}/health/ready`)).status).toBe(200)
    const refused = await writing
    expect(statusesOf(refused)).toEqual(new Set([503]))
    for (const { headers } of refused) expect(headers.get('retry-after')).toMatch(/^[1-9]$/)
    expect(broker.log.entries()).toHaveLength(calls)
    expect(await rows.snapshot()).toEqual(before)

    holder.exec('rollback')
    const again = await Promise.all([signIn(), use(), register()])
    expect(again.map(({ status }) => status)).toEqual([200, 200, 201])
    expect(broker.log.entries()).toHaveLength(calls + 1)
  })
})
