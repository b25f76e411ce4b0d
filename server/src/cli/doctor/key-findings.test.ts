import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../config/config.ts'
import type { Dialect } from '../../platform/db/index.ts'
import { COUNTED_MAX, reserveKeyUses } from '../../platform/state/key-uses.ts'
import { type CommandInstance, commandInstance } from '../../testing/run-command.ts'
import { withDatabaseOf } from '../../testing/seed-members.ts'
import { instanceRings } from '../instance-rings.ts'

const CREATE = ['user', 'create', '--email', 'ada@example.test', '--username', 'ada']
const stdin = 'quite a long pass phrase, 7'

async function keysLine(instance: CommandInstance): Promise<string> {
  const { out } = await instance.run(['doctor'])
  return out.split('\n').find((line) => / keys /.test(line)) ?? ''
}

describe.each<Dialect>(['sqlite', 'postgres'])('a sealing key that has sealed much, on %s', (dialect) => {
  it('C58: is to be rotated long before it seals no more, and a new one seals again', async () => {
    const instance = await commandInstance(dialect)
    await instance.run(['keys', 'init'])
    await instance.run(['migrate'])
    const [ring] = instanceRings(loadConfig(instance.env))
    const { id } = ring.sealingKeys().current
    const use = (uses: number) => withDatabaseOf(instance, (db) => reserveKeyUses(db, id, uses))
    expect(await keysLine(instance)).toMatch(/^ok /)
    await use(COUNTED_MAX / 2)
    expect(await keysLine(instance)).toMatch(
      new RegExp(
        `^warn +keys +The key ${id} of the key ring was used \\d+ times of .*; run outcry keys rotate\\.$`,
      ),
    )
    const status = await instance.run(['keys', 'status'])
    expect([status.code, status.err]).toEqual([
      0,
      `The key ${id} should not seal much more; run outcry keys rotate.`,
    ])
    await use(COUNTED_MAX / 2)
    expect(await keysLine(instance)).toMatch(/^fail /)
    expect(await instance.run(CREATE, { stdin })).toEqual({
      code: 1,
      out: '',
      err: `The key ${id} may not seal any more, because it has sealed so much; run outcry keys rotate.`,
    })
    expect(await instance.run(['keys', 'rotate'])).toMatchObject({ code: 0 })
    expect(await keysLine(instance)).toMatch(/^ok /)
    expect(await instance.run(CREATE, { stdin })).toMatchObject({ code: 0 })
  })
})
