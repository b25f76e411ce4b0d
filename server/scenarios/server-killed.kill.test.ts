import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ask } from '../src/testing/crash/api-client.ts'
import { deliverLater } from '../src/testing/crash/deliver-later.ts'
import { addressees } from '../src/testing/crash/mail-folder.ts'
import { startServer } from '../src/testing/crash/server-process.ts'
import { createWriteLoad } from '../src/testing/crash/write-load.ts'
import { openRowReader } from '../src/testing/fuzz/row-snapshot.ts'
import { type CommandInstance, commandInstance } from '../src/testing/run-command.ts'

type Dialect = 'sqlite' | 'postgres'

const KILLS = 50
const PASSWORD = 'correct horse battery staple'
const SETTINGS = {
  OUTCRY_RATE_LIMITS: 'off',
  OUTCRY_ARGON2_MEMORY_KIB: '12288',
  OUTCRY_ARGON2_PASSES: '3',
  OUTCRY_REFRESH_GRACE: '60', // an answer that a kill swallowed is asked for again after the restart
  OUTCRY_LOG_LEVEL: 'warn',
}

async function signedInAdmin(instance: CommandInstance, url: string): Promise<string> {
  const args = [
    'user',
    'create',
    '--username',
    'boss',
    '--email',
    'boss@example.test',
    '--role',
    'admin',
    '--active',
  ]
  expect(await instance.run(args, { stdin: `${PASSWORD}\n`, env: SETTINGS })).toMatchObject({ code: 0 })
  const answer = await ask(url, {
    path: '/auth/login/json',
    body: { username_or_email: 'boss', password: PASSWORD },
  })
  return String(answer?.body.access_token)
}

/** Rows that only half of a transaction would leave. */
const halfStates = [
  `select u.username from users u where u.status = 'pending_verification'
     and not exists (select 1 from email_verification_tokens t where t.user_id = u.id)`,
  `select u.username from users u where u.status = 'pending_verification' and not exists (
     select 1 from audit_events a where a.action = 'account.registered' and a.object_id = cast(u.id as text))`,
  `select t.id from email_verification_tokens t where not exists (select 1 from users u where u.id = t.user_id)`,
  `select h.seq from audit_head h where h.seq <> (select count(*) from audit_events)`,
  `select a.seq from audit_events a where a.seq > 1 and not exists (
     select 1 from audit_events b where b.seq = a.seq - 1 and b.hash = a.previous_hash)`,
]

describe.each<Dialect>(['sqlite', 'postgres'])('a server killed while members write on %s', (dialect) => {
  it(`starts by itself, has lost nothing it acknowledged and halved nothing, ${KILLS} times`, {
    timeout: 600_000,
  }, async () => {
    const instance = await commandInstance(dialect)
    const load = createWriteLoad()
    const readyAfterMs: number[] = []
    let server = startServer(instance, SETTINGS)
    let { url } = await server.ready
    const admin = await signedInAdmin(instance, url)
    await load.prepare(url)
    for (let kill = 0; kill < KILLS; kill++) {
      const writing = load.run(url)
      await wait(20 + Math.random() * 330)
      expect(await server.end('SIGKILL')).toMatchObject({ signal: 'SIGKILL' })
      await writing
      server = startServer(instance, SETTINGS)
      const ready = await server.ready
      url = ready.url
      readyAfterMs.push(Math.round(ready.afterMs))
    }
    const lost = [...load.lost]
    for (const id of load.registered.keys()) {
      const answer = await ask(url, { path: `/users/${id}`, token: admin })
      if (answer?.status !== 200) lost.push(`The registration of ${id} is gone.`)
    }
    expect(await server.end('SIGTERM')).toMatchObject({ code: 0, err: '' })

    await using rows = await openRowReader(instance)
    const half: object[] = []
    for (const sql of halfStates) half.push(...(await rows.rows(sql)))
    await deliverLater({ ...instance.env, ...SETTINGS })
    const members = await rows.rows(`select email from users where role = 'user'`)
    const stored = new Set(members.map(({ email }) => String(email)))
    const mailed = new Set(await addressees(join(instance.env.OUTCRY_DATA_DIR ?? '', 'mail')))
    process.stdout.write(
      `kills on ${dialect}: ${KILLS} kills, ${load.acknowledged.count} acknowledged writes (${load.registered.size} registrations), ${lost.length} lost, slowest start ${Math.max(...readyAfterMs)} ms\n`,
    )
    expect({ lost, strange: load.strange }).toEqual({ lost: [], strange: [] })
    expect(half).toEqual([])
    expect(mailed).toEqual(stored)
    expect(await rows.rows(`select kind from jobs where kind = 'mail.send'`)).toEqual([])
    expect(load.acknowledged.count).toBeGreaterThan(KILLS)
    expect(readyAfterMs.toSorted((a, b) => a - b)[KILLS / 2]).toBeLessThan(5_000) // R1
    if (dialect === 'sqlite') {
      expect(await rows.rows('pragma integrity_check')).toEqual([{ integrity_check: 'ok' }])
      expect(await rows.rows('pragma foreign_key_check')).toEqual([])
    }
  })
})
