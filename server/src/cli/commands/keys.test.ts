import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readKeyRingFile } from '../../platform/crypto/key-ring-file.ts'
import { createSealer } from '../../platform/crypto/sealed.ts'
import { sealedKeyId } from '../../platform/crypto/sealed-key-id.ts'
import { serverKeyRing } from '../../platform/crypto/server-key-ring.ts'
import type { Dialect } from '../../platform/db/index.ts'
import { type CommandInstance, commandInstance, ended } from '../../testing/run-command.ts'
import { membersOf, secretBinding, secretOf, seedMembers } from '../../testing/seed-members.ts'

const ringFile = (instance: CommandInstance) => join(instance.folder, 'data', 'keys.json')

async function filledInstance(dialect: Dialect, members: number): Promise<CommandInstance> {
  const instance = await commandInstance(dialect)
  await instance.run(['keys', 'init'])
  await instance.run(['migrate'])
  await seedMembers(instance, members)
  return instance
}

async function expectEverySecretUnderTheCurrentKey(instance: CommandInstance): Promise<void> {
  const ring = await readKeyRingFile(serverKeyRing, ringFile(instance))
  const sealer = createSealer(ring.keyEncryption)
  for (const { id, username, two_factor_secret } of (await membersOf(instance)).users) {
    const sealed = two_factor_secret ?? new Uint8Array()
    expect(sealedKeyId(sealed)).toBe(ring.keyEncryption.current.id)
    expect(Buffer.from(sealer.open(secretBinding(id), sealed)).toString()).toBe(secretOf(username))
  }
}

describe('outcry keys init', () => {
  it('makes a ring for its owner alone and never replaces it', async () => {
    const instance = await commandInstance('sqlite')
    expect(await instance.spawn(['keys', 'init'])).toMatchObject({ code: 0, err: '' })
    expect(statSync(ringFile(instance)).mode & 0o777).toBe(0o600)
    const before = readFileSync(ringFile(instance))
    const again = await instance.run(['keys', 'init'])
    expect([again.code, again.out]).toEqual([1, ''])
    expect(again.err).toMatch(/^There is a key ring at .* already; it was left as it is\.$/)
    expect(readFileSync(ringFile(instance))).toEqual(before)
  })

  it('makes none for a database that has its own already', async () => {
    const instance = await commandInstance('sqlite')
    const create = ['user', 'create', '--username', 'ada', '--email', 'ada@example.test']
    await instance.run(create, { stdin: 'quite a long pass phrase, 7' })
    rmSync(ringFile(instance))
    const { code, err } = await instance.run(['keys', 'init'])
    expect([code, err]).toEqual([
      1,
      'The database is in use already; put its own key ring back instead of making a new one.',
    ])
    expect(existsSync(ringFile(instance))).toBe(false)
  })
})

describe.each<Dialect>(['sqlite', 'postgres'])('outcry keys on %s', (dialect) => {
  it('shows what each key seals, and no key', async () => {
    const instance = await filledInstance(dialect, 7)
    const { code, out } = await instance.run(['keys', 'status'])
    expect(code).toBe(0)
    expect(out).toMatch(/^key_encryption {10}[a-z2-7]{7} {2}current {6}0 days {5}seals 7 values$/m)
    for (const { key } of JSON.parse(readFileSync(ringFile(instance), 'utf8')).keys.key_encryption) {
      expect(out).not.toContain(key)
    }
  })

  it('says so when values need a key that the ring has not', async () => {
    const instance = await filledInstance(dialect, 2)
    rmSync(ringFile(instance))
    writeFileSync(ringFile(instance), '')
    rmSync(ringFile(instance))
    await instance.run(['keys', 'init'])
    const { code, err } = await instance.run(['keys', 'status'])
    expect(code).toBe(1)
    expect(err).toMatch(
      /^2 values are sealed with the key \w{7}, which is not in the key ring; put that key ring back\.$/,
    )
  })

  it('rotates to a new key that opens everything, and keeps the older one', async () => {
    const instance = await filledInstance(dialect, 450)
    const { code, out } = await instance.spawn(['keys', 'rotate'])
    expect(code).toBe(0)
    expect(out).toMatch(
      /^Added the key \w{7} to the key ring; .*\nAdded the key \w{7} to the vault key ring; .*\nMoved 450 sealed values to the key \w{7}\.$/m,
    )
    await expectEverySecretUnderTheCurrentKey(instance)
    const status = await instance.run(['keys', 'status'])
    expect(status.out).toMatch(/^key_encryption {10}\w{7} {2}previous .* seals 0 values$/m)
    expect(status.out).toMatch(/^key_encryption {10}\w{7} {2}current .* seals 450 values$/m)
    expect((await instance.run(['doctor'])).out).toMatch(
      /^ok {4}keys .*is the one this database was made with\.$/m,
    )
  })

  it('finishes a rotation that was killed instead of adding another key', async () => {
    const instance = await filledInstance(dialect, 2_000)
    const program = instance.start(['keys', 'rotate'])
    const ending = ended(program)
    program.stderr?.once('data', () => program.kill('SIGKILL')) // after its first batch
    await ending
    const { code, out } = await instance.run(['keys', 'rotate'])
    expect(code).toBe(0)
    expect(out).toMatch(/^Finishing an earlier rotation\.$/m)
    await expectEverySecretUnderTheCurrentKey(instance)
    expect((await readKeyRingFile(serverKeyRing, ringFile(instance))).keyEncryption.byId.size).toBe(2)
  }, 60_000)
})
