import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { prepareVaultKeys } from '../../modules/vault/process/vault-key-ring.ts'
import { systemClock } from '../../platform/clock.ts'
import type { Dialect } from '../../platform/db/index.ts'
import { writeState } from '../../platform/state/state.ts'
import { onPostgresAt } from '../../testing/postgres-client.ts'
import { type CommandInstance, commandInstance } from '../../testing/run-command.ts'
import { withDatabaseOf } from '../../testing/seed-members.ts'

const CHECKS = [
  'settings',
  'database',
  'role',
  'migrations',
  'schema',
  'keys',
  'vault',
  'clock',
  'audit',
  'disk',
  'ffmpeg',
  'mail',
]
const LINE = /^(ok|warn|fail) +(\w+) +(\S.*[.?])$/

async function readyInstance(dialect: Dialect): Promise<CommandInstance> {
  const instance = await commandInstance(dialect)
  const create = ['user', 'create', '--username', 'ada', '--email', 'ada@example.test']
  const { code } = await instance.run(create, { stdin: 'quite a long pass phrase, 7' })
  expect(code).toBe(0)
  return instance
}

async function findings(instance: CommandInstance, env: Record<string, string> = {}) {
  const { code, out, err } = await instance.run(['doctor'], { env })
  expect(err).toBe('')
  const lines = out.split('\n').map((line) => LINE.exec(line))
  expect(lines).not.toContain(null)
  return { code, lines: lines.map((match) => [match?.[1], match?.[2], match?.[3] ?? ''] as const) }
}

async function failure(instance: CommandInstance, env: Record<string, string> = {}) {
  const { code, lines } = await findings(instance, env)
  expect(code).toBe(1)
  return lines.filter(([status]) => status === 'fail').map(([, name, sentence]) => `${name}: ${sentence}`)
}

describe.each<Dialect>(['sqlite', 'postgres'])('outcry doctor on %s', (dialect) => {
  it('finds a running instance well, a line for each check', async () => {
    const instance = await readyInstance(dialect)
    const { code, lines } = await findings(instance)
    expect(lines.map(([, name]) => name)).toEqual(CHECKS)
    expect(lines.filter(([status]) => status !== 'ok').map(([status, name]) => [status, name])).toEqual([
      ['warn', 'vault'],
      ['warn', 'mail'],
    ])
    expect(code).toBe(0)
  })

  it('finds a key ring of another instance', async () => {
    const instance = await readyInstance(dialect)
    const other = await commandInstance('sqlite')
    await other.run(['keys', 'init'])
    const env = { OUTCRY_KEYS_FILE: join(other.folder, 'data', 'keys.json') }
    expect(await failure(instance, env)).toEqual([
      expect.stringMatching(/^keys: The key ring is not the one this database was made with/),
    ])
    rmSync(join(instance.folder, 'data', 'keys.json'))
    expect(await failure(instance)).toEqual([expect.stringMatching(/^keys: There is no key ring at/)])
  })

  it('finds a vault key ring of another instance, one that others can read, and none', async () => {
    const instance = await readyInstance(dialect)
    const path = join(instance.folder, 'data', 'vault-keys.json')
    await withDatabaseOf(instance, (db) => prepareVaultKeys({ path, db, clock: systemClock }))
    const { lines } = await findings(instance)
    expect(lines.find(([, name]) => name === 'vault')?.[2]).toMatch(/is the one this database was made with/)
    const other = await commandInstance('sqlite')
    await other.run(['keys', 'init'])
    const env = { OUTCRY_VAULT_KEYS_FILE: join(other.folder, 'data', 'vault-keys.json') }
    expect(await failure(instance, env)).toEqual([
      expect.stringMatching(/^vault: The vault key ring is not the one this database was made with/),
    ])
    chmodSync(path, 0o640)
    expect(await failure(instance)).toEqual([
      expect.stringMatching(/^vault: Other users can reach the vault key ring/),
    ])
    rmSync(path)
    expect(await failure(instance)).toEqual([expect.stringMatching(/^vault: There is no vault key ring at/)])
  })

  it('finds a clock that is behind what the database has seen', async () => {
    const instance = await readyInstance(dialect)
    const value = new Date(systemClock.now().getTime() + 3_600_000).toISOString()
    await withDatabaseOf(instance, (db) =>
      db.withSystem((tx) => writeState(tx, 'clock_high_water', { value, clock: systemClock })),
    )
    expect(await failure(instance)).toEqual([
      'clock: The clock is 60 minutes behind what the database has seen; set it.',
    ])
  })
})

describe('outcry doctor', () => {
  it('tells what is waiting before the first start, and changes nothing', async () => {
    const instance = await commandInstance('sqlite')
    const { code, lines } = await findings(instance)
    expect(code).toBe(0)
    expect(lines.filter(([status]) => status === 'warn').map(([, name]) => name)).toEqual([
      'database',
      'keys',
      'vault',
      'mail',
    ])
  })

  it('warns of a sign-up that nobody can use', async () => {
    const instance = await commandInstance('sqlite')
    const { code, out } = await instance.run(['doctor'], { env: { OUTCRY_SIGNUP: 'invite' } })
    expect(code).toBe(0)
    expect(out).toMatch(/^warn {2}settings {4}OUTCRY_SIGNUP=invite is not built yet: nobody can register/m)
  })

  it('finds every wrong setting', async () => {
    const instance = await commandInstance('sqlite')
    expect(await failure(instance, { OUTCRY_PROT: '1', OUTCRY_SIGNUP: 'maybe' })).toHaveLength(2)
  })

  it('finds tables that were changed by hand, and a serving role that owns them', async () => {
    const instance = await readyInstance('postgres')
    const adminUrl = instance.env.OUTCRY_DATABASE_ADMIN_URL ?? ''
    const change = 'drop index idx_sessions_expires_at; create policy leak on sessions using (true)'
    await onPostgresAt(adminUrl, (admin) => admin.query(change))
    expect((await failure(instance)).toSorted()).toEqual([
      "role: The policy leak of the table sessions is not one of Outcry's; drop it.",
      expect.stringMatching(/^schema: .*idx_sessions_expires_at/),
      'schema: sessions: policy leak is in the database and not declared.',
    ])
    const asOwner = await failure(instance, { OUTCRY_DATABASE_URL: adminUrl })
    expect(asOwner).toContainEqual(
      expect.stringMatching(
        /^role: The serving role outcry_migrator owns the database \w+, the table public\.\w+, .* and \d+ more; let another role own that\.$/,
      ),
    )
  })

  it('finds a PostgreSQL that is not there, and goes on with the rest', async () => {
    const instance = await readyInstance('postgres')
    const nowhere = Object.assign(new URL(instance.env.OUTCRY_DATABASE_URL ?? ''), { host: '127.0.0.1:1' })
    const env = { OUTCRY_DATABASE_URL: nowhere.href }
    expect(await failure(instance, env)).toEqual([
      expect.stringMatching(/^database: The database cannot be reached/),
    ])
  })

  it('finds a mail server that does not answer, without telling its password', async () => {
    const instance = await readyInstance('sqlite')
    const [problem] = await failure(instance, { OUTCRY_MAIL_URL: 'smtp://me:geheim@127.0.0.1:1' })
    expect(problem).toMatch(/^mail: The mail server of OUTCRY_MAIL_URL does not take us/)
    expect(problem).not.toContain('geheim')
  })

  it('finds a database file that is none, and a key ring that others can read', async () => {
    const instance = await readyInstance('sqlite')
    chmodSync(join(instance.folder, 'data', 'keys.json'), 0o644)
    expect(await failure(instance)).toEqual([
      expect.stringMatching(/^keys: Other users can reach the key ring/),
    ])
    const path = join(instance.folder, 'text.db')
    writeFileSync(path, 'This is a text and not a database, whatever its name says.'.repeat(20))
    const problems = await failure(instance, { OUTCRY_DATABASE_URL: `sqlite:${path}` })
    expect(problems).toContainEqual(expect.stringMatching(/^database: SQLite refuses the database file/))
  })
})
