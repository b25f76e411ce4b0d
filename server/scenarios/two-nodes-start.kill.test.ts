import { expect, it } from 'vitest'
import { ask } from '../src/testing/crash/api-client.ts'
import { startServer } from '../src/testing/crash/server-process.ts'
import { openRowReader } from '../src/testing/fuzz/row-snapshot.ts'
import { commandInstance } from '../src/testing/run-command.ts'

const ROUNDS = 5
const PASSWORD = 'correct horse battery staple'

it(`R3, R24: two nodes that start together on an empty PostgreSQL run each migration once and both serve, ${ROUNDS} times`, {
  timeout: 120_000,
}, async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const instance = await commandInstance('postgres')
    const nodes = [startServer(instance), startServer(instance)] as const
    const [one, two] = await Promise.all(nodes.map((node) => node.ready))
    const member = { username: 'ada', email: 'ada@example.test', password: PASSWORD }
    expect(await ask(one?.url ?? '', { path: '/auth/register', body: member })).toMatchObject({ status: 201 })
    const body = { username_or_email: 'ada', password: PASSWORD }
    const signedIn = await ask(two?.url ?? '', { path: '/auth/login/json', body })
    expect(signedIn).toMatchObject({ status: 200 })
    const token = String(signedIn?.body.access_token)
    expect(await ask(one?.url ?? '', { path: '/auth/me', token })).toMatchObject({ status: 200 })

    const endings = await Promise.all(nodes.map((node) => node.end('SIGTERM')))
    expect(endings.map(({ code, err }) => ({ code, err }))).toEqual([
      { code: 0, err: '' },
      { code: 0, err: '' },
    ])
    const told = endings.flatMap(({ out }) => out.match(/^Applied migration .*$/gm) ?? []).sort()
    await using rows = await openRowReader(instance)
    const history = await rows.rows('select id from outcry_migrations order by id')
    expect(told).toEqual(history.map(({ id }) => `Applied migration ${String(id)}.`))
    expect(await rows.rows(`select name from instance_state where name = 'key_check'`)).toHaveLength(1)
  }
})
