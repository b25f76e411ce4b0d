import { expect, it } from 'vitest'
import { databaseLocation } from '../../../database-location.ts'
import {
  createTradingAccount,
  credentialRow,
  startVaultApp,
  storeCredential,
} from '../../../testing/factories-vault.ts'
import { connectTo } from '../../../testing/postgres-client.ts'
import { insertSignedInMember } from '../../../testing/signed-in-rows.ts'

const WAITING = 'select 1 from pg_locks where not granted'

it('waits for rows in one order, so that a new default and what is noted of both never lock each other out', async () => {
  await using on = await startVaultApp({ dialect: 'postgres' })
  const location = databaseLocation(on.app.config)
  if (location.kind !== 'postgres') throw new Error('This database is not on PostgreSQL.')
  const client = await connectTo(location.adminUrl)
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => client.end())
  const owner = await insertSignedInMember(on.app)
  const token = owner.accessToken
  const account_id = await createTradingAccount(on.app, owner)
  const first = await storeCredential(on.app, owner, { account_id })
  const second = await storeCredential(on.app, owner, { account_id })
  const makeDefault = (id: string) =>
    on.app.send('PUT', `/credentials/${id}`, { token, body: { is_default: true } })
  const note = (id: string) =>
    client.query('update user_credentials set last_used_at = $2 where id = $1', [id, on.app.clock.now()])
  expect((await makeDefault(first.id)).status).toBe(200)
  await client.query(`begin; set local app.system = 'on'`)
  expect((await note(first.id)).rowCount).toBe(1)
  const changing = makeDefault(second.id)
  await expect.poll(async () => (await client.query(WAITING)).rowCount).toBeGreaterThan(0)
  await note(second.id)
  await client.query('commit')
  expect((await changing).status).toBe(200)
  expect(await credentialRow(on.app, first.id)).toMatchObject({
    is_default: false,
    last_used_at: expect.any(Date),
  })
  expect(await credentialRow(on.app, second.id)).toMatchObject({
    is_default: true,
    last_used_at: expect.any(Date),
  })
})
