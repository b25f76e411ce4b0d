import { expect, it } from 'vitest'
import { live, newPair, startVaultApp, storeCredential, tryToStore } from '../../testing/factories-vault.ts'
import { insertSignedInMember } from '../../testing/signed-in-rows.ts'
import type { TestAppOptions } from '../../testing/start-test-app.ts'
import { runAsOwner, storedRows } from '../../testing/stored-rows.ts'

const TABLES = ['user_accounts', 'user_credentials', 'active_credentials'] as const

interface Mode extends Pick<TestAppOptions, 'dialect' | 'open'> {
  readonly name: string
  readonly isRowSecurityOff?: true
}

it.each<Mode>([
  { name: 'SQLite', dialect: 'sqlite' },
  { name: 'PostgreSQL', dialect: 'postgres' },
  { name: 'PostgreSQL without owner predicates', dialect: 'postgres', open: { ownerPredicates: false } },
  { name: 'PostgreSQL without row security', dialect: 'postgres', isRowSecurityOff: true },
])('members neither see, use nor change the accounts and keys of others on $name', async (mode) => {
  const { isRowSecurityOff, ...options } = mode
  await using running = await startVaultApp(options)
  const { app, broker } = running
  if (isRowSecurityOff) {
    for (const table of TABLES) {
      await runAsOwner(app, `alter table ${table} disable row level security`)
    }
  }
  const [anna, ben] = [await insertSignedInMember(app), await insertSignedInMember(app)]
  const pair = newPair()
  const paper = await storeCredential(app, anna, pair)
  const real = await storeCredential(app, anna, live())
  const gone = await storeCredential(app, anna)
  await app.send('DELETE', `/credentials/${gone.id}`, { token: anna.accessToken })
  const own = await storeCredential(app, ben)
  await app.send('PUT', '/credentials/active', {
    token: anna.accessToken,
    body: { credential_id: real.id },
  })
  const tables = () =>
    Promise.all(
      TABLES.map(async (table) =>
        (await storedRows(app, table, `user_id = '${anna.id}'`)).map((row) => JSON.stringify(row)).sort(),
      ),
    )
  const before = await tables()
  const asBen = async (method: string, path: string, body?: object) => {
    const { status } = await app.send(method, path, { token: ben.accessToken, ...(body ? { body } : {}) })
    return `${method} ${path} ${status}`
  }
  const found: string[] = []
  const calls = broker.log.entries().length
  for (const { id, account_id } of [paper, real, gone]) {
    found.push(
      await asBen('GET', `/credentials/${id}`),
      await asBen('PUT', `/credentials/${id}`, { nickname: 'x', is_active: false, is_default: true }),
      await asBen('PUT', `/credentials/${id}`, newPair()),
      await asBen('DELETE', `/credentials/${id}`),
      await asBen('POST', `/credentials/${id}/validate`),
      await asBen('GET', `/credentials/${id}/audit`),
      await asBen('PUT', '/credentials/active', { credential_id: id }),
      await asBen('GET', `/accounts/${account_id}`),
      await asBen('PATCH', `/accounts/${account_id}`, { account_name: 'x' }),
      await asBen('DELETE', `/accounts/${account_id}`),
    )
    const { status } = await tryToStore(app, ben, { account_id })
    found.push(`store ${status}`)
  }
  expect(found.filter((answer) => !answer.endsWith(' 404'))).toEqual([])
  await app.send('PUT', '/credentials/active', {
    token: ben.accessToken,
    body: { credential_id: null },
  })
  const chosen = await app.send('GET', '/credentials/active', { token: ben.accessToken })
  expect(chosen.body).toEqual({ credential_id: null, credential: null, problem: null })
  for (const path of ['/credentials', '/accounts']) {
    const { body } = await app.send('GET', path, { token: ben.accessToken })
    expect(body).toMatchObject({ total: 1 })
    expect(JSON.stringify(body)).not.toContain(anna.id)
  }
  const deleted = await app.send('GET', '/credentials/deleted', { token: ben.accessToken })
  expect(deleted.body).toMatchObject({ items: [], total: 0 })
  const { account } = (
    await app.send('POST', '/accounts/get-or-create', { token: ben.accessToken, body: {} })
  ).body as { account: { id: string } }
  expect(account.id).toBe(own.account_id)
  expect(await tables()).toEqual(before)
  expect(broker.log.entries()).toHaveLength(calls)
  const again = await tryToStore(app, ben, { account_id: own.account_id, ...pair })
  expect(again.status).toBe(201)
})
