import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../config/config.ts'
import { systemClock } from '../../platform/clock.ts'
import type { Dialect } from '../../platform/db/index.ts'
import { initialState } from '../../platform/state/state.ts'
import { auditEntriesOf, auditFaultOf } from '../../testing/audit-entries.ts'
import { inspectSealed } from '../../testing/crash/key-uses.ts'
import { startRotation } from '../../testing/crash/running-rotation.ts'
import { dataKeysOf } from '../../testing/data-keys.ts'
import type { CommandInstance } from '../../testing/run-command.ts'
import { sealedInstance } from '../../testing/sealed-instance.ts'
import { withDatabaseOf } from '../../testing/seed-members.ts'

const everyKey = (dataKeys: Map<string, Set<string>>) => [...dataKeys.values()].flatMap((keys) => [...keys])

/** Everything opens, under the newest keys alone and no data key of before. */
async function expectSealedAnew(instance: CommandInstance, before: Map<string, Set<string>>) {
  const after = await dataKeysOf(instance)
  expect([...after].map(([column, { size }]) => [column, size])).toEqual(
    [...before].map(([column, { size }]) => [column, size]),
  )
  const known = new Set(everyKey(before))
  expect(everyKey(after).filter((key) => known.has(key))).toEqual([])
  for (const { current, under, wrong } of Object.values(await inspectSealed(instance))) {
    expect([Object.keys(under), wrong]).toEqual([[current], []])
  }
}

const statesOf = (path: string, purpose: string): string[] =>
  JSON.parse(readFileSync(path, 'utf8')).keys[purpose].map(({ state }: { state: string }) => state)

describe.each<Dialect>(['sqlite', 'postgres'])('outcry keys rotate --reseal on %s', (dialect) => {
  it('leaves no data key of before in any column, says so in the audit log, and marks the keys before', async () => {
    const instance = await sealedInstance(dialect, 250)
    const before = await dataKeysOf(instance)
    expect(Object.fromEntries([...before].map(([column, { size }]) => [column, size]))).toEqual({
      'idempotency_answers.answer': 1,
      'jobs.sealed_payload': 1,
      'users.two_factor_secret': 250,
      'user_credentials.api_key': 250,
      'user_credentials.secret_key': 250,
    })
    const { code, out } = await instance.spawn(['keys', 'rotate', '--reseal'])
    expect(code).toBe(0)
    expect(out).toMatch(
      /^Moved 252 sealed values to the key \w{7}\.\n.*\nMoved 500 sealed values to the key/m,
    )
    await expectSealedAnew(instance, before)
    const { keysFile, vaultKeysFile } = loadConfig(instance.env)
    expect(statesOf(keysFile, 'key_encryption')).toEqual(['compromised', 'current'])
    expect(statesOf(vaultKeysFile, 'credential_encryption')).toEqual(['compromised', 'current'])
    expect((await instance.run(['keys', 'status'])).out).toMatch(
      /^key_encryption {10}\w{7} {2}compromised .* seals 0 values$/m,
    )
    for (const action of ['rotation.begun', 'rotation.ended']) {
      const [{ details } = { details: {} }, ...further] = await auditEntriesOf(instance, action)
      expect([details, further]).toEqual([
        { server: expect.any(String), vault: expect.any(String), reseal: true },
        [],
      ])
    }
    expect(await auditFaultOf(instance)).toBeUndefined()
  })

  it('goes on after a kill, whoever finishes it, and says meanwhile how much is left', async () => {
    const instance = await sealedInstance(dialect, 1_000)
    const before = await dataKeysOf(instance)
    const first = startRotation(instance, ['--reseal'])
    await first.saysMore(6)
    expect(first.kill()).toBe(true)
    await first.ended
    expect((await instance.run(['keys', 'status'])).out).toMatch(
      /^\d+ values are still to be sealed anew; a running server does it, or keys rotate\.$/m,
    )
    const { code, out } = await instance.run(['keys', 'rotate'])
    expect([code, out]).toEqual([0, expect.stringMatching(/^Finishing an earlier rotation\.$/m)])
    await expectSealedAnew(instance, before)
    expect((await instance.run(['keys', 'status'])).out).not.toMatch(/ are still /)
    expect((await inspectSealed(instance)).vault.known).toHaveLength(2)
  })

  it('says of a rotation that was killed before both rings had their key that it is to be run again', async () => {
    const instance = await sealedInstance(dialect, 1)
    const { vault } = await inspectSealed(instance)
    const value = JSON.stringify({ server: 'before', vault: vault?.current })
    await withDatabaseOf(instance, (db) =>
      db.withSystem((tx) => initialState(tx, 'rotation', { value, clock: systemClock })),
    )
    const saysSo = async () =>
      /is not finished; run outcry/.test((await instance.run(['keys', 'status'])).out)
    expect(await saysSo()).toBe(true)
    expect(await instance.run(['keys', 'rotate'])).toMatchObject({ code: 0 })
    expect(await saysSo()).toBe(false)
  })

  it('is told of as ended when it was killed with nothing left to do, before the next one begins', async () => {
    const instance = await sealedInstance(dialect, 1)
    const currentOf = async () => {
      const { server, vault } = await inspectSealed(instance)
      return { server: server.current, vault: vault.current, reseal: true }
    }
    const killed = await currentOf()
    expect(await instance.run(['keys', 'rotate', '--reseal'])).toMatchObject({ code: 0 })
    const value = JSON.stringify(killed) // which it takes back in its last step
    await withDatabaseOf(instance, (db) =>
      db.withSystem((tx) => initialState(tx, 'rotation', { value, clock: systemClock })),
    )
    const next = await currentOf()
    expect(await instance.run(['keys', 'rotate', '--reseal'])).toMatchObject({ code: 0 })
    const begun = await auditEntriesOf(instance, 'rotation.begun')
    const ended = await auditEntriesOf(instance, 'rotation.ended')
    expect(begun.map(({ details }) => details)).toEqual([killed, next])
    expect(ended.map(({ details }) => details)).toEqual([killed, killed, next])
    expect(ended[1]?.seq).toBeLessThan(begun[1]?.seq ?? 0)
    expect(await auditFaultOf(instance)).toBeUndefined()
  })

  it('takes the place of a rotation that only moves and was not finished', async () => {
    const instance = await sealedInstance(dialect, 1_000)
    const before = await dataKeysOf(instance)
    const first = startRotation(instance)
    await first.saysMore(6)
    expect(first.kill()).toBe(true)
    await first.ended
    expect(await instance.run(['keys', 'rotate', '--reseal'])).toMatchObject({ code: 0 })
    await expectSealedAnew(instance, before)
    expect(statesOf(loadConfig(instance.env).vaultKeysFile, 'credential_encryption')).toEqual([
      ...['compromised', 'compromised', 'current'],
    ])
  })
})
