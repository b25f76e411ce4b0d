import { describe, expect, it, vi } from 'vitest'
import { ask } from '../src/testing/crash/api-client.ts'
import { startServer } from '../src/testing/crash/server-process.ts'
import { createWriteLoad } from '../src/testing/crash/write-load.ts'
import { answerOf, exchange } from '../src/testing/fuzz/exchange.ts'
import { openRowReader } from '../src/testing/fuzz/row-snapshot.ts'
import { commandInstance } from '../src/testing/run-command.ts'

type Dialect = 'sqlite' | 'postgres'

const SETTINGS = { OUTCRY_RATE_LIMITS: 'off', OUTCRY_REFRESH_GRACE: '60' }

const login = {
  method: 'POST',
  path: '/api/v1/auth/login/json',
  query: '',
  headers: [
    ['Host', 'localhost'],
    ['Content-Type', 'application/json'],
  ],
  body: Buffer.from('{"username_or_email":"member_1","password":"correct horse battery staple"}'),
  framing: 'length',
  isUnfinished: false,
} as const

const readiness = (url: string) =>
  fetch(`${url}/health/ready`).then(
    ({ status }) => status,
    () => 0,
  )

describe.each<Dialect>(['sqlite', 'postgres'])('a server told to stop under load on %s', (dialect) => {
  it('finishes what runs, refuses what is new, exits with 0 and has lost nothing', {
    timeout: 60_000,
  }, async () => {
    const instance = await commandInstance(dialect)
    const load = createWriteLoad()
    const server = startServer(instance, SETTINGS)
    const { url } = await server.ready
    await load.prepare(url)
    const writing = load.run(url)
    // Note: three passwords are hashed two at a time, so when the first answer comes others are still being worked on.
    const running = Array.from({ length: 3 }, () => exchange(url, login))
    const first = await Promise.race(running)
    const ending = server.end('SIGTERM')
    const answers = await Promise.all(running)
    await vi.waitUntil(async () => (await readiness(url)) !== 200)
    const late = await exchange(url, login).catch(() => answerOf(''))
    await writing
    const { code, err } = await ending
    expect(first.status).toBe(200)
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect([0, 503]).toContain(late.status)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(await ask(url, { path: '/users' })).toBeUndefined()

    await using rows = await openRowReader(instance)
    const signedIn = await rows.rows(`select id from sessions`)
    expect(signedIn.length).toBe(6 + 3)
    const again = startServer(instance, SETTINGS)
    const writingAgain = load.run((await again.ready).url)
    await load.progress()
    await again.end('SIGTERM')
    await writingAgain
    expect({ lost: load.lost, strange: load.strange }).toEqual({ lost: [], strange: [] })
  })
})
