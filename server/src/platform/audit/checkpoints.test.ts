import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../testing/fixed-clock.ts'
import { passMonotonically } from '../../testing/monotonic-clock.ts'
import type { Dialect } from '../db/index.ts'
import { readCheckpoint } from './checkpoint.ts'
import { asFile, linesIn, signedLog } from './testing/signed-log.ts'
import { setHeadBack } from './testing/tamper-with-log.ts'
import { verifyCheckpoints } from './verify-checkpoints.ts'

const signed = (path: string) => linesIn(path).map((line) => readCheckpoint(line)?.seq)

describe.each<Dialect>(['sqlite', 'postgres'])('checkpoints of the audit log on %s', (dialect) => {
  it('are made at once, after each minute with anything new, and after each thousand entries', async () => {
    const log = await signedLog(dialect, 3)
    const { check, stop } = log.start()
    await check()
    expect(signed(log.path)).toEqual([3])
    passMonotonically(5 * MINUTE)
    await check()
    expect(signed(log.path)).toEqual([3])

    await log.append(1)
    await check()
    expect(signed(log.path)).toEqual([3, 4])
    await log.append(1)
    passMonotonically(59 * SECOND)
    await check()
    expect(signed(log.path)).toEqual([3, 4])
    passMonotonically(SECOND)
    await check()
    expect(signed(log.path)).toEqual([3, 4, 5])

    await log.append(999)
    await check()
    expect(signed(log.path)).toEqual([3, 4, 5])
    await log.append(1)
    await check()
    expect(signed(log.path)).toEqual([3, 4, 5, 1005])
    await log.append(2)
    await stop()
    expect(signed(log.path)).toEqual([3, 4, 5, 1005, 1007])
    expect(await verifyCheckpoints(log.db.asSystem(), asFile(linesIn(log.path)), log.keys)).toEqual({
      checkpoints: 5,
      torn: [],
      signedTo: 1007,
    })
    expect(log.said).toEqual([])
  })

  it('are not made of an empty log, nor again of what was signed before a restart', async () => {
    const log = await signedLog(dialect, 0)
    await log.start().stop()
    expect(linesIn(log.path)).toEqual([''])
    await log.append(2)
    await log.start().stop()
    await log.start().stop()
    expect(signed(log.path)).toEqual([2])
    expect(log.said).toEqual([])
  })

  it('go on after a line that was cut anywhere, which stays where it is and is said', async () => {
    const log = await signedLog(dialect, 1)
    await log.start().stop()
    await log.append(1)
    await log.start().stop()
    const [first = '', second = ''] = linesIn(log.path)
    await log.append(1)
    for (const keptBytes of [0, 1, 40, second.length - 1, second.length]) {
      const path = `${log.path}.${keptBytes}`
      writeFileSync(path, `${first}\n${second.slice(0, keptBytes)}`)
      await log.start({ path }).stop()
      const lines = linesIn(path)
      expect(readCheckpoint(lines.at(-1) ?? '')?.seq).toBe(3)
      expect(lines.slice(0, -1)).toEqual(keptBytes === 0 ? [first] : [first, second.slice(0, keptBytes)])
      const found = await verifyCheckpoints(log.db.asSystem(), asFile(lines), log.keys)
      expect(found.fault).toBeUndefined()
      expect(found.torn).toEqual(keptBytes === 0 || keptBytes === second.length ? [] : [2])
    }
    expect(new Set(log.said)).toEqual(
      new Set(['The last checkpoint of the audit log was unfinished; the next one follows it.']),
    )
  })

  it('begin again after a first line that was cut', async () => {
    const log = await signedLog(dialect, 1)
    for (const begun of ['{', '{"seq":1,"ha', '{"seq":1,"ha\n']) {
      writeFileSync(log.path, begun)
      await log.start().stop()
      expect(readCheckpoint(linesIn(log.path).at(-1) ?? '')).toMatchObject({ seq: 1, previous: null })
    }
  })

  it('say when the log is not the one that was signed before', async () => {
    const log = await signedLog(dialect, 5)
    await log.start().stop()
    await log.tamper(['delete from audit_events where seq > 3', setHeadBack])
    await log.start().stop()
    expect(log.said).toEqual(['The audit log is not the one that was signed; run outcry audit verify.'])
    expect(signed(log.path)).toEqual([5, 3])
  })
})

describe('the file of checkpoints', () => {
  it('is for its owner alone', async () => {
    const log = await signedLog('sqlite', 1)
    await log.start().stop()
    expect(statSync(log.path).mode & 0o777).toBe(0o600)
  })

  it('is never a link, a folder or a file of something else; what fails is said once and tried again', async () => {
    const log = await signedLog('sqlite', 1)
    const other = join(dirname(log.path), 'other')
    writeFileSync(other, '{\n  "keys": []\n}\n')
    symlinkSync(join(dirname(log.path), 'new'), log.path)
    mkdirSync(`${log.path}.folder`)
    for (const path of [log.path, other, `${log.path}.folder`]) {
      const { check, stop } = log.start({ path })
      await check()
      await check()
      await stop()
    }
    const sentence = 'The audit log could not be signed; it is tried again each second.'
    expect(log.said).toEqual([sentence, sentence, sentence])
    expect(linesIn(other)).toEqual(['{', '  "keys": []', '}'])
    expect(() => statSync(join(dirname(log.path), 'new'))).toThrow('ENOENT')
  })
})
