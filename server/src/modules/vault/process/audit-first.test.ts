import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databaseLocation } from '../../../database-location.ts'
import { createMember, signIn } from '../../../testing/factories.ts'
import { onPostgresAt } from '../../../testing/postgres-client.ts'
import { type VaultSetting, vaultSetting } from '../../../testing/vault-setting.ts'

const unavailable = { code: 'vault.unavailable', status: 503 }

describe.each(['sqlite', 'postgres'] as const)('an audit log that cannot be written on %s', (dialect) => {
  let on: VaultSetting
  beforeAll(async () => {
    on = await vaultSetting(dialect)
  })
  afterAll(() => on[Symbol.asyncDispose]())

  /** Runs statements as somebody who may change the schema. */
  const asOwner = async (...statements: readonly string[]) => {
    const location = databaseLocation(on.app.config)
    if (location.kind === 'sqlite') {
      const file = new DatabaseSync(location.path)
      for (const statement of statements) file.exec(statement)
      return file.close()
    }
    await onPostgresAt(location.adminUrl, (client) => client.query(statements.join(';\n')))
  }
  const FULL = `create trigger full_disk before insert on audit_events`
  const [fill, free] =
    dialect === 'sqlite'
      ? [[`${FULL} begin select raise(abort, 'full'); end`], ['drop trigger full_disk']]
      : [
          [
            `create function full_disk() returns trigger language plpgsql as $$ begin raise exception 'full'; end $$`,
            `${FULL} for each row execute function full_disk()`,
          ],
          ['drop trigger full_disk on audit_events', 'drop function full_disk()'],
        ]

  it('C78: lets no key be opened or sent, while the rest lives, and all works again when it can', async () => {
    const key = await on.store()
    const member = await signIn(on.app, await createMember(on.app))
    await asOwner(...fill)
    const uses = await Promise.allSettled(Array.from({ length: 16 }, () => on.use(key)))
    for (const use of uses) expect(use).toMatchObject({ status: 'rejected', reason: unavailable })
    expect(on.paper.received).toEqual([])
    expect(await on.events(key)).toEqual([])
    const { status } = await on.app.send('GET', '/auth/me', { token: member.accessToken })
    expect(status).toBe(200)
    await asOwner(...free)
    await (await on.use(key)).body.toArray()
    expect(on.paper.received).toHaveLength(1)
    expect((await on.events(key))[0]).toMatchObject({ action: 'credential.used' })
  })

  it('C78: sends no rejected key to the other environment, while its owner has it tried', async () => {
    const key = await on.store()
    on.paper.answer((_request, response) => {
      void asOwner(...fill).then(() => response.writeHead(401).end('{}'))
    })
    const answer = await on.use(key, { purpose: 'validate', path: '/v2/account', query: '' })
    await answer.body.toArray()
    await asOwner(...free)
    expect([answer.status, answer.outcome]).toEqual([401, 'rejected'])
    expect(on.live.received).toEqual([])
    expect((await on.events(key))[0]).toMatchObject({ action: 'credential.used' })
  })
})
