import { expect, it } from 'vitest'
import { createPersonalToken, createSignedInMember } from '../../testing/factories.ts'
import {
  callsWith,
  createTradingAccount,
  credentialEntries,
  forEachVaultApp,
  live,
  newPair,
  storeCredential,
  tryToStore,
} from '../../testing/factories-vault.ts'
import { insertSignedInMember } from '../../testing/signed-in-rows.ts'
import { countStored } from '../../testing/stored-rows.ts'

forEachVaultApp('the keys of a deleted member', {}, (on) => {
  const remove = (token: string) => on.app.send('DELETE', '/users/me', { token })

  it('cannot be used from then on, and are gone with their accounts', async () => {
    const owner = await createSignedInMember(on.app)
    const token = owner.accessToken
    const other = await insertSignedInMember(on.app)
    const pair = newPair()
    const stored = [await storeCredential(on.app, owner, pair), await storeCredential(on.app, owner, live())]
    const [paper] = stored
    const kept = await storeCredential(on.app, other)
    for (const [member, credential_id] of [
      [owner, paper?.id],
      [other, kept.id],
    ] as const) {
      const chosen = { token: member.accessToken, body: { credential_id } }
      expect((await on.app.send('PUT', '/credentials/active', chosen)).status).toBe(200)
    }
    const program = await createPersonalToken(on.app, owner, { scopes: ['broker:read'] })
    const deleted = await on.app.send('DELETE', `/users/${owner.id}`, { token })
    expect(deleted.status, deleted.text).toBe(200)
    const uses = [
      on.app.send('POST', `/credentials/${paper?.id}/validate`, { token }),
      on.app.send('GET', `/credentials/${paper?.id}/account-data`, { token: program.token }),
      on.app.send('GET', `/gateway/${paper?.id}/v2/account`, { token: program.token }),
    ]
    for (const { status } of await Promise.all(uses)) expect(status).toBe(401)
    expect(callsWith(on.broker, pair.api_key)).toBe(0)
    await on.app.settle()
    for (const table of ['user_accounts', 'user_credentials', 'active_credentials']) {
      expect(await countStored(on.app, table, `user_id = '${owner.id}'`)).toBe(0)
      expect(await countStored(on.app, table, `user_id = '${other.id}'`)).toBe(1)
    }
    for (const { id } of stored) {
      const entries = await credentialEntries(on.app, id, 'credential.deleted')
      expect(entries).toMatchObject([{ result: 'ok', actor_id: null }])
    }
    expect(await credentialEntries(on.app, kept.id, 'credential.deleted')).toEqual([])
  })

  it('are gone too when they are stored while the member is deleted', async () => {
    const owner = await createSignedInMember(on.app)
    const account_id = await createTradingAccount(on.app, owner)
    const [deleted, ...answers] = await Promise.all([
      on.app.send('DELETE', `/users/${owner.id}`, { token: owner.accessToken }),
      ...Array.from({ length: 16 }, () => tryToStore(on.app, owner, { account_id })),
    ])
    expect(deleted?.status).toBe(200)
    expect(answers.every(({ status }) => status === 201 || status === 401)).toBe(true)
    await on.app.settle()
    expect(await countStored(on.app, 'user_credentials', `user_id = '${owner.id}'`)).toBe(0)
    expect((await remove(owner.accessToken)).status).toBe(401)
  })
})
