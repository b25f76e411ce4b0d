import { expect, it } from 'vitest'
import { createTradingAccount, newPair, startVaultApp, tryToStore } from '../../../testing/factories-vault.ts'
import { connectTo } from '../../../testing/postgres-client.ts'
import { insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { locationOf } from '../../../testing/start-test-app.ts'
import { countStored } from '../../../testing/stored-rows.ts'

it('is told that a pair is stored without waiting for its row, which the end of the audit log would wait for', async () => {
  await using on = await startVaultApp({ dialect: 'postgres' })
  const location = locationOf(on.app)
  if (location.kind !== 'postgres') throw new Error('This database is not on PostgreSQL.')
  const owner = await insertSignedInMember(on.app)
  const wish = { account_id: await createTradingAccount(on.app, owner), ...newPair() }
  const { status, body } = await tryToStore(on.app, owner, wish)
  expect(status).toBe(201)
  const client = await connectTo(location.adminUrl)
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => client.end())
  await client.query(`begin; set local app.system = 'on'`)
  const held = await client.query('update user_credentials set rejections = 3 where id = $1', [body.id])
  expect(held.rowCount).toBe(1)
  const again = await tryToStore(on.app, owner, wish)
  expect([again.status, again.body.code]).toEqual([409, 'vault.already_stored'])
  await client.query('select seq from audit_head where id = 1 for no key update')
  await client.query('commit')
  expect(await countStored(on.app, 'user_credentials', `user_id = '${owner.id}'`)).toBe(1)
})
