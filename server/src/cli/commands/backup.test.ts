import { cpSync, rmSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Dialect } from '../../platform/db/index.ts'
import { readEpoch } from '../../platform/state/state.ts'
import { type CommandInstance, commandInstance } from '../../testing/run-command.ts'
import { membersOf, seedMembers, withDatabaseOf } from '../../testing/seed-members.ts'
import { tablesIn } from '../../testing/tables-in.ts'

const MEMBERS = 20

async function backedUp(dialect: Dialect) {
  const instance = await commandInstance(dialect)
  await instance.run(['keys', 'init'])
  const create = ['user', 'create', '--username', 'zoe', '--email', 'zoe@example.test', '--active']
  await instance.run(create, { stdin: 'quite a long pass phrase, 7' })
  await seedMembers(instance, MEMBERS)
  const folder = join(instance.folder, 'backup')
  const { code, out } = await instance.spawn(['backup', folder])
  expect([code, out]).toEqual([
    0,
    expect.stringMatching(/^Backed up \d+ rows .*\nIt can be opened with the keys/),
  ])
  return { instance, folder }
}

function giveKeys(from: CommandInstance, to: CommandInstance): void {
  cpSync(join(from.folder, 'data', 'keys.json'), join(to.folder, 'data', 'keys.json'))
}

describe.each<[Dialect, Dialect]>([
  ['sqlite', 'sqlite'],
  ['sqlite', 'postgres'],
  ['postgres', 'sqlite'],
])('outcry backup of %s and restore into %s', (source, target) => {
  it('brings everything back, and nothing that was handed out before is accepted', async () => {
    const { instance, folder } = await backedUp(source)
    const to = await commandInstance(target)
    giveKeys(instance, to)
    expect(await to.spawn(['restore', folder])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Restored \d+ rows .*\nEverybody must sign in again/),
    })
    const [before, after] = [await membersOf(instance), await membersOf(to)]
    const withoutSteps = (users: typeof before.users) =>
      users.map(({ two_factor_last_step: _, ...facts }) => facts)
    expect(withoutSteps(after.users)).toEqual(withoutSteps(before.users))
    const now = Date.now() / 30_000
    expect(after.users.every(({ two_factor_last_step: step }) => Number(step) > now - 20)).toBe(true)
    expect(after.sessions.map(({ id }) => id)).toEqual(before.sessions.map(({ id }) => id))
    expect(after.sessions.every(({ revoked_at }) => revoked_at !== null)).toBe(true)
    expect(after.tokens).toEqual([])
    expect(await withDatabaseOf(to, readEpoch)).toBe(1)
    expect((await to.run(['doctor'])).code).toBe(0)

    const again = await to.run(['restore', folder])
    expect([again.code, again.err.split('\n').at(-1)]).toEqual([
      1,
      expect.stringMatching(/^The target is not empty/),
    ])
    expect(await membersOf(to)).toEqual(after)
  })
})

describe('outcry restore', () => {
  it('--check proves a backup and leaves the database alone', async () => {
    const { instance, folder } = await backedUp('sqlite')
    const before = await membersOf(instance)
    const { code, out } = await instance.run(['restore', folder, '--check'])
    expect(code).toBe(0)
    expect(out).toMatch(/^users {2}21 rows {2}checksum [0-9a-f]{16}$/m)
    expect(out).toMatch(/can be restored; the database was not touched\.$/)
    expect(await membersOf(instance)).toEqual(before)
  })

  it('--check works on a machine without the keys, and says so', async () => {
    const { folder } = await backedUp('sqlite')
    const elsewhere = await commandInstance('sqlite')
    const { code, err } = await elsewhere.run(['restore', folder, '--check'])
    expect(code).toBe(0)
    expect(err).toMatch(/^The keys were not checked: there is no key ring at/m)
    expect(await readdir(elsewhere.folder)).toEqual([])
  })

  it('touches no other database than the one that is served', async () => {
    const { instance, folder } = await backedUp('sqlite')
    const [to, other] = [await commandInstance('postgres'), await commandInstance('postgres')]
    giveKeys(instance, to)
    const env = { OUTCRY_DATABASE_ADMIN_URL: other.env.OUTCRY_DATABASE_ADMIN_URL ?? '' }
    expect(await to.run(['restore', folder], { env })).toEqual({
      code: 1,
      out: '',
      err: 'OUTCRY_DATABASE_ADMIN_URL and OUTCRY_DATABASE_URL must lead to the same database, with a role each.',
    })
    expect([await tablesIn(to), await tablesIn(other)]).toEqual([[], []])
  })

  it('refuses without the keys, with other keys, and without the backup, and restores nothing', async () => {
    const { folder } = await backedUp('sqlite')
    const to = await commandInstance('sqlite')
    const without = await to.run(['restore', folder])
    expect(without).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^There is no key ring at/),
    })
    await to.run(['keys', 'init'])
    const other = await to.run(['restore', folder])
    expect(other.code).toBe(1)
    expect(other.err).toMatch(
      /^The key ring .* lack the keys \w{7}; put the rings of the backed up instance there\.$/,
    )
    rmSync(join(folder, 'manifest.json'))
    const nothing = await to.run(['restore', folder])
    expect(nothing).toMatchObject({ code: 1, err: expect.stringMatching(/^There is no finished backup in/) })
    expect((await to.run(['migrate', '--status'])).out).not.toContain('applied')
  })
})

describe('outcry backup', () => {
  it('refuses when there is no database, and a folder with something in it', async () => {
    const instance = await commandInstance('sqlite')
    const early = await instance.run(['backup', 'b'])
    expect(early).toMatchObject({ code: 1, err: expect.stringMatching(/^There is no database at .* yet/) })
    await instance.run(['migrate'])
    const here = await instance.run(['backup', '.'])
    expect(here.code).toBe(0)
    const again = await instance.run(['backup', '.'])
    expect(again).toMatchObject({ code: 1, err: expect.stringMatching(/^The folder .* is not empty/) })
  })
})
