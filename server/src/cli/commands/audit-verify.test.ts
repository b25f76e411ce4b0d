import { copyFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../config/config.ts'
import { databaseLocation } from '../../database-location.ts'
import { prepareVaultKeys } from '../../modules/vault/process/vault-key-ring.ts'
import { createAudit } from '../../platform/audit/audit.ts'
import { startCheckpoints } from '../../platform/audit/checkpoints.ts'
import {
  setHeadBack,
  tamperings,
  tamperWithLog,
  unreadables,
} from '../../platform/audit/testing/tamper-with-log.ts'
import { systemClock } from '../../platform/clock.ts'
import { createUuidv7 } from '../../platform/crypto/uuid.ts'
import type { Dialect } from '../../platform/db/index.ts'
import { createLogger } from '../../platform/log/logger.ts'
import { type CommandInstance, commandInstance } from '../../testing/run-command.ts'
import { withDatabaseOf } from '../../testing/seed-members.ts'

const audit = createAudit({ clock: systemClock, newId: createUuidv7(systemClock) })
const log = createLogger({ level: 'silent' })

/** Appends entries as the server does and signs them as its vault does, into the configured file. */
async function append(instance: CommandInstance, count: number, { isSigned = true } = {}): Promise<void> {
  const { vaultKeysFile, auditCheckpointsFile: path } = loadConfig(instance.env)
  await withDatabaseOf(instance, async (db) => {
    for (let i = 0; i < count; i++)
      await db.withSystem((tx) => audit.record(tx, { action: 'thing.done', result: 'ok' }))
    const { auditSigning } = await prepareVaultKeys({ path: vaultKeysFile, db, clock: systemClock })
    if (isSigned)
      await startCheckpoints({ db, key: auditSigning.current, path, clock: systemClock, log }).stop()
  })
}

async function signedInstance(dialect: Dialect, entries = 5): Promise<CommandInstance> {
  const instance = await commandInstance(dialect)
  expect((await instance.run(['migrate'])).code).toBe(0)
  await append(instance, entries)
  return instance
}

const checkpointsOf = (instance: CommandInstance) => loadConfig(instance.env).auditCheckpointsFile
const tamper = (instance: CommandInstance, statements: readonly string[]) =>
  tamperWithLog(databaseLocation(loadConfig(instance.env)), statements)

describe.each<Dialect>(['sqlite', 'postgres'])('outcry audit verify on %s', (dialect) => {
  it('says how much is as it was written and signed, and what is not signed yet', async () => {
    const instance = await signedInstance(dialect)
    await append(instance, 2)
    await append(instance, 3, { isSigned: false })
    const file = checkpointsOf(instance)
    expect(file).toBe(join(instance.folder, 'data', 'audit-checkpoints.jsonl'))
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await instance.spawn(['audit', 'verify'])).toEqual({
      code: 0,
      out: `10 entries are as they were written.\n2 checkpoints in ${file} are as they were signed.\nThe last 3 entries are not signed yet.\n`,
      err: '',
    })
  })

  it.each(tamperings)('finds %s', async (_what, statements, said) => {
    const instance = await signedInstance(dialect)
    await tamper(instance, statements)
    const { code, err } = await instance.run(['audit', 'verify'])
    expect([code, err.split('\n')[0]]).toEqual([1, said])
  })

  it.each(unreadables[dialect])('finds an entry that cannot be read: %s', async (_what, statements) => {
    const instance = await signedInstance(dialect)
    await append(instance, 2)
    await tamper(instance, statements)
    const found = { ok: false, entries: 2, faults: ['Entry 3 cannot be read.'] }
    const { code, out, err } = await instance.run(['audit', 'verify', '--json'])
    expect([code, err, JSON.parse(out)]).toEqual([1, '', expect.objectContaining(found)])
  })

  it('finds a cut end whose head was set back to fit, and what was written in its place', async () => {
    const instance = await signedInstance(dialect)
    await tamper(instance, ['delete from audit_events where seq > 3', setHeadBack])
    const cut = await instance.run(['audit', 'verify'])
    expect([cut.code, cut.out]).toEqual([1, '3 entries are as they were written.'])
    expect(cut.err).toMatch(/^The log ends at entry 3, but entry 5 was signed at \S+Z: its end was cut\.$/)
    await append(instance, 4, { isSigned: false })
    const forked = await instance.run(['audit', 'verify'])
    expect([forked.code, forked.out]).toEqual([1, '7 entries are as they were written.'])
    expect(forked.err).toMatch(/^Entry 5 is not the one that was signed at \S+Z: the log was rewritten or/)
  })

  it('looks at the files of several nodes, and names the one that is wrong', async () => {
    const instance = await signedInstance(dialect)
    const [file, other] = [checkpointsOf(instance), join(instance.folder, 'other.jsonl')]
    copyFileSync(file, other)
    const verify = () => instance.run(['audit', 'verify', '--checkpoints', file, '--checkpoints', other])
    expect(await verify()).toMatchObject({ code: 0, err: '' })
    writeFileSync(other, readFileSync(other, 'utf8').replace('"seq":5', '"seq":4'))
    expect(await verify()).toMatchObject({
      code: 1,
      err: `Line 1 of ${other} was changed: its signature is wrong.`,
    })
    rmSync(other)
    expect(await verify()).toMatchObject({ code: 1, err: `There is no file of checkpoints at ${other}.` })
  })
})

describe('outcry audit verify', () => {
  it('counts a line that was cut by a kill for nothing, and says so', async () => {
    const instance = await signedInstance('sqlite')
    const file = checkpointsOf(instance)
    const whole = readFileSync(file, 'utf8')
    writeFileSync(file, whole + whole.slice(0, 60))
    expect(await instance.run(['audit', 'verify'])).toMatchObject({
      code: 0,
      err: `Line 2 of ${file} was never finished, as after a kill; it counts for nothing.`,
    })
  })

  it('prints what it found as one line of JSON, whole or not', async () => {
    const instance = await signedInstance('sqlite')
    const verify = async () => {
      const { code, out, err } = await instance.run(['audit', 'verify', '--json'])
      return { code, err, found: JSON.parse(out) as unknown }
    }
    const whole = { ok: true, entries: 5, checkpoints: 1, signed_to: 5, faults: [] }
    expect(await verify()).toEqual({ code: 0, err: '', found: whole })
    await tamper(instance, [`update audit_events set result = 'failed' where seq = 3`])
    const spoilt = { ...whole, ok: false, entries: 2, faults: ['Entry 3 was changed.'] }
    expect(await verify()).toEqual({ code: 1, err: '', found: spoilt })
  })

  it('does not call a log whole whose checkpoints are gone, nor one whose vault keys are', async () => {
    const instance = await signedInstance('sqlite')
    const file = checkpointsOf(instance)
    copyFileSync(file, `${file}.copy`)
    rmSync(file)
    const unsigned = await instance.run(['audit', 'verify'])
    expect(unsigned.code).toBe(1)
    expect(unsigned.err).toContain(`There is no file of checkpoints at ${file}`)
    copyFileSync(`${file}.copy`, file)
    const { vaultKeysFile } = loadConfig(instance.env)
    rmSync(vaultKeysFile)
    const keyless = await instance.run(['audit', 'verify'])
    expect(keyless.code).toBe(1)
    expect(keyless.err).toContain(vaultKeysFile)
  })

  it.each([
    ['empty', () => ''],
    ['of lines that are none', () => 'nonsense\n{}\n'],
    ['of one that was cut', (whole: string) => whole.slice(0, 60)],
  ])(
    'does not call a log whole whose file of checkpoints is %s, unless none was due',
    async (_what, spoil) => {
      const instance = await signedInstance('sqlite')
      const file = checkpointsOf(instance)
      writeFileSync(file, spoil(readFileSync(file, 'utf8')))
      const verify = async () => {
        const { code, out } = await instance.run(['audit', 'verify', '--json'])
        return { code, found: JSON.parse(out) as unknown }
      }
      const young = { ok: true, entries: 5, checkpoints: 0, signed_to: 0, faults: [] }
      expect(await verify()).toEqual({ code: 0, found: young })
      await append(instance, 995, { isSigned: false })
      const fault = `There is no checkpoint in ${file}: nobody can tell whether the end was cut.`
      expect(await verify()).toEqual({
        code: 1,
        found: { ...young, ok: false, entries: 1_000, faults: [fault] },
      })
    },
  )

  it('says that there is no database yet', async () => {
    const instance = await commandInstance('sqlite')
    const { code, err } = await instance.run(['audit', 'verify'])
    expect([code, err]).toEqual([1, expect.stringContaining('There is no database')])
  })
})
