import { describe, expect, it } from 'vitest'
import type { Dialect } from '../db/index.ts'
import { asFile, linesIn, type SignedLog, signedLog, signingKeys } from './testing/signed-log.ts'
import { setHeadBack } from './testing/tamper-with-log.ts'
import { verifyCheckpoints } from './verify-checkpoints.ts'

/** A log of five entries with a checkpoint on each. */
async function signedFive(dialect: Dialect): Promise<SignedLog> {
  const log = await signedLog(dialect, 0)
  for (let i = 0; i < 5; i++) {
    await log.append(1)
    await log.start().stop()
  }
  return log
}

const found = (log: SignedLog, lines: readonly string[] = linesIn(log.path)) =>
  verifyCheckpoints(log.db.asSystem(), asFile(lines), log.keys)

const AT = '2030-01-01T00:00:00.000Z'

describe.each<Dialect>(['sqlite', 'postgres'])('what checkpoints show on %s', (dialect) => {
  it('is nothing while the log is whole', async () => {
    const log = await signedFive(dialect)
    expect(await found(log)).toEqual({ checkpoints: 5, torn: [], signedTo: 5 })
  })

  it('is an end that was cut, with the head set back to fit', async () => {
    const log = await signedFive(dialect)
    await log.tamper(['delete from audit_events where seq > 3', setHeadBack])
    expect(await log.chainFault()).toBeUndefined()
    expect((await found(log)).fault).toBe(
      `The log ends at entry 3, but entry 4 was signed at ${AT}: its end was cut.`,
    )
  })

  it('is a fork: an end that was replaced by another, hashed as if nothing had happened', async () => {
    const log = await signedFive(dialect)
    await log.tamper(['delete from audit_events where seq > 3', setHeadBack])
    await log.append(4, 'thing.else')
    expect(await log.chainFault()).toBeUndefined()
    expect((await found(log)).fault).toBe(
      `Entry 4 is not the one that was signed at ${AT}: the log was rewritten or forked after entry 3.`,
    )
  })

  it('is a log that was written anew from its beginning', async () => {
    const log = await signedFive(dialect)
    await log.tamper([
      'delete from audit_events',
      `update audit_head set seq = 0, hash = ${dialect === 'sqlite' ? 'zeroblob(32)' : `decode(repeat('00', 32), 'hex')`}`,
    ])
    await log.append(5, 'thing.else')
    expect(await log.chainFault()).toBeUndefined()
    expect((await found(log)).fault).toContain('the log was rewritten or forked from its beginning')
  })

  it('is an entry that is gone', async () => {
    const log = await signedFive(dialect)
    await log.tamper(['delete from audit_events where seq = 2'])
    expect((await found(log)).fault).toBe(`Entry 2, which was signed at ${AT}, is missing: it was deleted.`)
  })
})

describe('a file of checkpoints', () => {
  it('holds none that was changed, moved, taken out or signed by somebody else', async () => {
    const log = await signedFive('sqlite')
    const [one = '', two = '', three = '', four = '', five = ''] = linesIn(log.path)
    const faultOf = async (...lines: string[]) => (await found(log, lines)).fault
    expect(await faultOf(one, two.replace('"seq":2', '"seq":3'))).toBe(
      'Line 2 of the file was changed: its signature is wrong.',
    )
    expect(await faultOf(one, three.replace(/"previous":"\w+"/, '"previous":null'))).toContain(
      'its signature is wrong',
    )
    const gone = 'does not follow the line before it: one was deleted or moved.'
    expect(await faultOf(one, three, four, five)).toBe(`Line 2 of the file ${gone}`)
    expect(await faultOf(two, three)).toBe(`Line 1 of the file ${gone}`)
    expect(await faultOf(one, three, two)).toBe(`Line 2 of the file ${gone}`)
    expect(await faultOf(one, two.slice(0, -1), three)).toBe(`Line 3 of the file ${gone}`)
    expect(await faultOf(one, 'nonsense', two, three)).toBeUndefined()

    const strangers = signingKeys('stranger')
    await log.append(1)
    await log.start({ keys: strangers }).stop()
    expect((await found(log)).fault).toBe(
      'Line 6 of the file is signed with the key stranger, which is not ours.',
    )
    await log.append(1)
    await log.start({ path: `${log.path}.2`, keys: signingKeys() }).stop()
    expect((await found(log, linesIn(`${log.path}.2`))).fault).toBe(
      'Line 1 of the file was changed: its signature is wrong.',
    )
  })

  it('may be written by several processes at once', async () => {
    const log = await signedLog('sqlite', 1)
    await Promise.all(Array.from({ length: 8 }, () => log.start().stop()))
    await log.append(1)
    await Promise.all(Array.from({ length: 8 }, () => log.start().stop()))
    const { checkpoints, fault } = await found(log)
    expect(fault).toBeUndefined()
    expect(checkpoints).toBe(linesIn(log.path).length)
  })
})
