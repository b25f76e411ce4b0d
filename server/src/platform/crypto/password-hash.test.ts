import { generateKeySync } from 'node:crypto'
import * as argon2 from '@node-rs/argon2'
import { describe, expect, it } from 'vitest'
import { BusyError } from '../work-gate.ts'
import type { KeySet, SecretKey } from './key-ring.ts'
import { createPasswordHasher, defaultHashConcurrency } from './password-hash.ts'

const pepper = (id: string): SecretKey => ({ id, key: generateKeySync('hmac', { length: 256 }) })
const keySet = (current: SecretKey, ...previous: SecretKey[]): KeySet<SecretKey> => ({
  current,
  byId: new Map([current, ...previous].map((key) => [key.id, key])),
})
const params = { memoryKib: 1024, passes: 1, lanes: 1 }
const first = pepper('aaaaaaa')
const gate = { maxConcurrent: 2, maxQueued: 100 }
const hasher = createPasswordHasher({ params, peppers: keySet(first), ...gate })

describe('a stored hash', () => {
  it('is a PHC string with its cost, a 16-byte salt, a 32-byte tag and the id of its pepper', async () => {
    const stored = await hasher.hash('correct horse battery')
    const [, , , cost = '', salt = '', tag = ''] = stored.split('$')
    expect(stored.startsWith('$argon2id$v=19$m=1024,t=1,p=1,keyid=')).toBe(true)
    expect(Buffer.from(cost.split('keyid=')[1] ?? '', 'base64').toString()).toBe('naaaaaaa')
    expect(Buffer.from(salt, 'base64')).toHaveLength(16)
    expect(Buffer.from(tag, 'base64')).toHaveLength(32)
    expect(stored.length).toBeLessThanOrEqual(255)
    expect(await hasher.hash('correct horse battery')).not.toBe(stored)
  })

  it('opens with its own password only', async () => {
    const stored = await hasher.hash('correct horse battery')
    expect(await hasher.verify(stored, 'correct horse battery')).toBe(true)
    for (const other of [
      'correct horse battery ',
      ' correct horse battery',
      'Correct horse battery',
      '',
      'correct horse batter',
    ]) {
      expect(await hasher.verify(stored, other)).toBe(false)
    }
  })

  it('does not open with a password that shares its first 72 bytes or its part before a NUL', async () => {
    const stored = await hasher.hash(`${'a'.repeat(72)}right`)
    expect(await hasher.verify(stored, `${'a'.repeat(72)}wrong`)).toBe(false)
    expect(await hasher.verify(await hasher.hash('before\0after'), 'before')).toBe(false)
  })

  it('opens with the same text in another normal form', async () => {
    expect(
      await hasher.verify(await hasher.hash('Zoe\u0308 und Ame\u0301lie'), 'Zo\u00eb und Am\u00e9lie'),
    ).toBe(true)
  })

  it('does not open without the pepper', async () => {
    const stored = await hasher.hash('correct horse battery')
    const thief = createPasswordHasher({ params, peppers: keySet(pepper('aaaaaaa')), ...gate })
    expect(await thief.verify(stored, 'correct horse battery')).toBe(false)
    expect(await argon2.verify(stored, 'correct horse battery')).toBe(false)
  })
})

describe('rehashing', () => {
  it('is not needed for a fresh hash', async () => {
    expect(hasher.needsRehash(await hasher.hash('correct horse battery'))).toBe(false)
  })

  it('is needed after the cost changed, and the old hash still opens', async () => {
    const stored = await hasher.hash('correct horse battery')
    for (const change of [{ memoryKib: 2048 }, { passes: 2 }]) {
      const changed = createPasswordHasher({
        params: { ...params, ...change },
        peppers: keySet(first),
        ...gate,
      })
      expect(changed.needsRehash(stored)).toBe(true)
      expect(await changed.verify(stored, 'correct horse battery')).toBe(true)
    }
  })

  it('is needed after the pepper was replaced, and the old hash still opens', async () => {
    const stored = await hasher.hash('correct horse battery')
    const replaced = createPasswordHasher({ params, peppers: keySet(pepper('bbbbbbb'), first), ...gate })
    expect(replaced.needsRehash(stored)).toBe(true)
    expect(await replaced.verify(stored, 'correct horse battery')).toBe(true)
  })

  it('is needed for a hash brought over without a pepper, which opens', async () => {
    const stored = await argon2.hash('correct horse battery', {
      memoryCost: 512,
      timeCost: 1,
      parallelism: 1,
    })
    expect(hasher.needsRehash(stored)).toBe(true)
    expect(await hasher.verify(stored, 'correct horse battery')).toBe(true)
    expect(await hasher.verify(stored, 'correct horse batterz')).toBe(false)
  })

  it.each(['', 'correct horse battery', '$argon2id$', '$argon2i$v=19$m=512,t=1,p=1$c2FsdHNhbHQ$aGFzaA', '!'])(
    'is needed for %j, which opens with nothing',
    async (stored) => {
      expect(hasher.needsRehash(stored)).toBe(true)
      expect(await hasher.verify(stored, 'correct horse battery')).toBe(false)
      expect(await hasher.verify(stored, stored)).toBe(false)
    },
  )
})

describe('a flood', () => {
  it('is refused beyond the places and the queue, and what was let in finishes', async () => {
    const small = createPasswordHasher({ params, peppers: keySet(first), maxConcurrent: 1, maxQueued: 2 })
    const attempts = await Promise.allSettled(
      Array.from({ length: 10 }, () => small.verifyNothing('a password')),
    )
    const refused = attempts.filter((attempt) => attempt.status === 'rejected')
    expect(refused).toHaveLength(7)
    expect(refused.every((attempt) => attempt.reason instanceof BusyError)).toBe(true)
    expect(attempts.filter((attempt) => attempt.status === 'fulfilled').map(({ value }) => value)).toEqual([
      false,
      false,
      false,
    ])
    expect(await small.verify(await small.hash('a password'), 'a password')).toBe(true)
  })

  it.each([
    [2, 24, 2],
    [64, 4, 16],
    [8, 0.1, 1],
  ])('on %i cores and %d GiB runs %i hashes at once', (cores, gib, expected) => {
    expect(defaultHashConcurrency(cores, gib * 1024 ** 3)).toBe(expected)
  })
})

it('spends as much on an account that does not exist as on a wrong password', async () => {
  const real = createPasswordHasher({
    params: { ...params, memoryKib: 47_104 },
    peppers: keySet(first),
    ...gate,
  })
  const stored = await real.hash('correct horse battery')
  const cpuMs = async (work: () => Promise<unknown>) => {
    const before = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }
  const known: number[] = []
  const unknown: number[] = []
  for (let round = 0; round < 15; round += 1) {
    known.push(await cpuMs(() => real.verify(stored, 'wrong')))
    unknown.push(await cpuMs(() => real.verifyNothing('wrong')))
  }
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[7] ?? 0
  expect(median(unknown) / median(known)).toBeGreaterThan(0.7)
  expect(median(unknown) / median(known)).toBeLessThan(1.4)
})
