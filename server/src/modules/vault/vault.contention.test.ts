import type { CredentialView } from '@outcry/contract/vault'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  createTradingAccount,
  credentialRow,
  forEachVaultApp,
  newPair,
  storeCredential,
  tryToStore,
} from '../../testing/factories-vault.ts'
import { insertSignedInMember } from '../../testing/signed-in-rows.ts'
import { startTestApp, type TestApp } from '../../testing/start-test-app.ts'
import { countStored } from '../../testing/stored-rows.ts'

forEachVaultApp('one member on two nodes at once', {}, (on) => {
  let other: TestApp | undefined
  beforeAll(async () => {
    other = await startTestApp({ dialect: on.dialect, beside: on.app })
  })
  afterAll(() => other?.[Symbol.asyncDispose]())
  const nodes = (count: number) =>
    Array.from({ length: count }, (_, n) => (n % 2 ? (other ?? on.app) : on.app))
  const statuses = (answers: readonly { status: number }[]) => answers.map(({ status }) => status).sort()

  it('gets one account, stores one pair once, and fills the fifty exactly', async () => {
    const owner = await insertSignedInMember(on.app)
    const token = owner.accessToken
    const got = await Promise.all(
      nodes(20).map((app) => app.send('POST', '/accounts/get-or-create', { token, body: {} })),
    )
    expect(statuses(got)).toEqual(Array(20).fill(200))
    expect(await countStored(on.app, 'user_accounts', `user_id = '${owner.id}'`)).toBe(1)
    const [account_id] = new Set(got.map(({ body }) => (body.account as { id: string }).id))
    const pair = newPair()
    const twins = await Promise.all(nodes(20).map((app) => tryToStore(app, owner, { account_id, ...pair })))
    expect(statuses(twins)).toEqual([201, ...Array(19).fill(409)])
    for (let stored = 1; stored < 46; stored += 15) {
      await Promise.all(nodes(15).map((app) => tryToStore(app, owner, { account_id })))
    }
    const last = await Promise.all(nodes(20).map((app) => tryToStore(app, owner, { account_id })))
    expect(statuses(last)).toEqual([...Array(4).fill(201), ...Array(16).fill(422)])
    expect(await countStored(on.app, 'user_credentials', `user_id = '${owner.id}'`)).toBe(50)
  })

  it('has one default, one winner of a version, and one deletion', async () => {
    const owner = await insertSignedInMember(on.app)
    const token = owner.accessToken
    const account_id = await createTradingAccount(on.app, owner)
    const all: CredentialView[] = []
    for (let made = 0; made < 10; made++) all.push(await storeCredential(on.app, owner, { account_id }))
    const put = (app: TestApp, id: string, body: object) =>
      app.send('PUT', `/credentials/${id}`, { token, body })
    const apps = nodes(20)
    const set = await Promise.all(apps.map((app, n) => put(app, all[n % 10]?.id ?? '', { is_default: true })))
    expect(statuses(set)).toEqual(Array(20).fill(200))
    const defaults = `user_account_id = '${account_id}' and is_default`
    expect(await countStored(on.app, 'user_credentials', defaults)).toBe(1)
    const { id } = await storeCredential(on.app, owner, { account_id })
    const renamed = await Promise.all(
      apps.map((app, n) => {
        const change = { token, body: { nickname: `n${n}` }, headers: { 'if-match': '"1"' } }
        return app.send('PUT', `/credentials/${id}`, change)
      }),
    )
    expect(statuses(renamed)).toEqual([200, ...Array(19).fill(412)])
    const mixed = await Promise.all([
      ...nodes(8).map((app) => put(app, id, newPair())),
      ...nodes(8).map((app) => app.send('DELETE', `/credentials/${id}`, { token })),
    ])
    expect(mixed.filter(({ status }) => status === 204)).toHaveLength(1)
    expect(mixed.every(({ status }) => [200, 204, 404, 412].includes(status))).toBe(true)
    expect(await credentialRow(on.app, id)).toMatchObject({
      api_key: null,
      secret_key: null,
      fingerprint: null,
    })
  })
})
