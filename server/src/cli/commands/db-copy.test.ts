import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Dialect } from '../../platform/db/index.ts'
import { type CommandInstance, commandInstance, ended } from '../../testing/run-command.ts'
import { membersOf, seedMembers } from '../../testing/seed-members.ts'
import { tablesIn } from '../../testing/tables-in.ts'

const MEMBERS = 3_000
const KILLS = 6

async function filledInstance(dialect: Dialect, members: number): Promise<CommandInstance> {
  const instance = await commandInstance(dialect)
  expect((await instance.run(['keys', 'init'])).code).toBe(0)
  expect((await instance.run(['migrate'])).code).toBe(0)
  await seedMembers(instance, members)
  return instance
}

function copyArgs(from: CommandInstance, to: CommandInstance): string[] {
  const admin = to.env.OUTCRY_DATABASE_ADMIN_URL
  const urls = ['--from', from.env.OUTCRY_DATABASE_URL ?? '', '--to', to.env.OUTCRY_DATABASE_URL ?? '']
  return ['db', 'copy', ...urls, ...(admin ? ['--to-admin-url', admin] : [])]
}

describe.each<[Dialect, Dialect]>([
  ['sqlite', 'postgres'],
  ['postgres', 'sqlite'],
])('outcry db copy from %s to %s', (source, target) => {
  it('copies every row, says so, and refuses to do it twice', async () => {
    const [from, to] = [await filledInstance(source, 50), await commandInstance(target)]
    const args = copyArgs(from, to)
    const { code, out, err } = await from.spawn(args)
    expect(code).toBe(0)
    expect(out).toMatch(/^users {2}50 rows {2}checksum [0-9a-f]{16}$/m)
    expect(out).toMatch(/^Copied and verified 151 rows in [\d.]+ s\.$/m)
    expect(err).toMatch(/^copied {2}users {2}50 rows {2}100 %/m)
    expect(err).toMatch(/^verified {2}users {2}50 rows {2}100 %/m)
    expect(await membersOf(to)).toEqual(await membersOf(from))

    const again = await from.run(args)
    expect([again.code, again.out]).toEqual([1, ''])
    expect(again.err).toMatch(/^The target is not empty \(\w+ has \d+ rows\)/)
    expect(await membersOf(to)).toEqual(await membersOf(from))
  })

  it('may be killed at any moment and run again', async () => {
    const [from, to] = [await filledInstance(source, MEMBERS), await commandInstance(target)]
    for (let kill = 0; kill < KILLS; kill++) {
      const program = from.start(copyArgs(from, to))
      const ending = ended(program)
      await wait(250 + kill * 180) // at another moment of the copy each time
      program.kill('SIGKILL')
      const { code } = await ending
      if (code !== 0) continue
      await expectEqual(from, to)
      return
    }
    expect(await from.spawn(copyArgs(from, to))).toMatchObject({ code: 0 })
    await expectEqual(from, to)
  }, 90_000)
})

async function expectEqual(from: CommandInstance, to: CommandInstance): Promise<void> {
  const [there, here] = [await membersOf(from), await membersOf(to)]
  expect(here.users).toHaveLength(MEMBERS)
  expect(here).toEqual(there)
}

describe('outcry db copy', () => {
  it('asks for the owning role of a PostgreSQL target', async () => {
    const [from, to] = [await commandInstance('sqlite'), await commandInstance('postgres')]
    const args = ['db', 'copy', '--from', 'sqlite:a.db', '--to', to.env.OUTCRY_DATABASE_URL ?? '']
    const { code, err } = await from.run(args)
    expect(code).toBe(2)
    expect(err).toMatch(/^The role that owns the target's tables is missing; give --to-admin-url/)
  })

  it('takes the owning role of the settings when it is of the target', async () => {
    const [from, to] = [await filledInstance('sqlite', 3), await commandInstance('postgres')]
    const urls = ['--from', from.env.OUTCRY_DATABASE_URL ?? '', '--to', to.env.OUTCRY_DATABASE_URL ?? '']
    const env = { OUTCRY_DATABASE_ADMIN_URL: to.env.OUTCRY_DATABASE_ADMIN_URL ?? '' }
    expect(await from.run(['db', 'copy', ...urls], { env })).toMatchObject({ code: 0 })
    expect(await membersOf(to)).toEqual(await membersOf(from))
  })

  it.each<[Dialect]>([['sqlite'], ['postgres']])(
    'from %s touches no other database than the one that --to names',
    async (source) => {
      const from = await filledInstance(source, 3)
      const [to, other] = [await commandInstance('postgres'), await commandInstance('postgres')]
      const urls = ['--from', from.env.OUTCRY_DATABASE_URL ?? '', '--to', to.env.OUTCRY_DATABASE_URL ?? '']
      const elsewhere = other.env.OUTCRY_DATABASE_ADMIN_URL ?? ''
      const env = { OUTCRY_DATABASE_ADMIN_URL: elsewhere }
      expect(await from.run(['db', 'copy', ...urls], { env })).toEqual({
        code: 2,
        out: '',
        err: "OUTCRY_DATABASE_ADMIN_URL is of another database than --to; give the role that owns the target's tables with --to-admin-url postgres://USER:PASSWORD@HOST:PORT/NAME.",
      })
      expect(await from.run(['db', 'copy', ...urls, '--to-admin-url', elsewhere])).toEqual({
        code: 2,
        out: '',
        err: '--to-admin-url and --to must name the same database, with a role each.',
      })
      expect([await tablesIn(to), await tablesIn(other)]).toEqual([[], []])
    },
  )

  it('C55: is refused where nothing proves another machine, and nothing is written', async () => {
    const instance = await filledInstance('sqlite', 1)
    const sqlite = instance.env.OUTCRY_DATABASE_URL ?? ''
    const remote = 'postgres://a:canary@db.example/x'
    const local = 'postgres://a:canary@127.0.0.1:1/x'
    for (const [option, urls] of [
      ['--from', ['--from', remote, '--to', `${sqlite}.copy`]],
      ['--to', ['--from', sqlite, '--to', remote]],
      ['--to-admin-url', ['--from', sqlite, '--to', local, '--to-admin-url', remote]],
    ] as const) {
      const ran = await instance.run(['db', 'copy', ...urls])
      expect([ran.code, ran.out]).toEqual([2, ''])
      expect(ran.err).toBe(
        `${option} names another machine; add sslmode=verify-full to it, or sslmode=disable if nobody else can be on the way.`,
      )
    }
    expect(existsSync(`${sqlite.slice('sqlite:'.length)}.copy`)).toBe(false)
  })

  it('refuses a source that is not there and a target of something else', async () => {
    const [from, to] = [await commandInstance('sqlite'), await commandInstance('sqlite')]
    const missing = await from.run(copyArgs(from, to))
    expect(missing).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^There is no database at/),
    })
    await from.run(['migrate'])
    const { DatabaseSync } = await import('node:sqlite')
    const other = new DatabaseSync((to.env.OUTCRY_DATABASE_URL ?? '').slice('sqlite:'.length))
    other.exec('create table recipes (name text)')
    other.close()
    const { code, err } = await from.run(copyArgs(from, to))
    expect([code, err]).toEqual([
      1,
      'The target holds tables of something else; give it a database of its own.',
    ])
  })
})
