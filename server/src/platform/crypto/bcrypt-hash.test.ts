import { generateKeySync } from 'node:crypto'
import * as argon2 from '@node-rs/argon2'
import { describe, expect, it } from 'vitest'
import { BusyError } from '../work-gate.ts'
import { createPasswordHasher } from './password-hash.ts'

const current = { id: 'aaaaaaa', key: generateKeySync('hmac', { length: 256 }) }
const options = {
  params: { memoryKib: 1024, passes: 1, lanes: 1 },
  peppers: { current, byId: new Map([[current.id, current]]) },
  maxConcurrent: 2,
  maxQueued: 100,
}
const hasher = createPasswordHasher(options)

// The first two are test vectors of crypt_blowfish 1.3 (openwall.com/crypt), the others were made with libxcrypt.
const LONG = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const LONG_HASH = '$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui'
const SHORT_HASH = '$2a$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2'
const vectors: [string, string][] = [
  ['$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'U*U'],
  [LONG_HASH, LONG],
  [SHORT_HASH, 'correct horse'],
  ['$2b$04$abcdefghijklmnopqrstuuzN9CPkpzOJqxQijxtga5E5UT7s2C4Zu', 'Zoë'],
  ['$2y$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i', 'x'.repeat(80)],
]

describe('a bcrypt hash', () => {
  it.each(vectors)(
    '%s opens with its own password only, and is to be hashed again',
    async (stored, password) => {
      expect(await hasher.verify(stored, password)).toBe(true)
      for (const other of ['', password.slice(0, 2), password.replace(/./u, '!'), `!${password}`]) {
        expect([other, await hasher.verify(stored, other)]).toEqual([other, false])
      }
      expect(hasher.needsRehash(stored)).toBe(true)
      expect(hasher.canVerify(stored)).toBe(true)
    },
  )

  it('cannot tell passwords that share 72 bytes; the hash made in its place can', async () => {
    expect(await hasher.verify(LONG_HASH, `${LONG} right`)).toBe(true)
    expect(await hasher.verify(LONG_HASH, `${LONG} wrong`)).toBe(true)
    const upgraded = await hasher.hash(`${LONG} right`)
    expect(await hasher.verify(upgraded, `${LONG} right`)).toBe(true)
    expect(await hasher.verify(upgraded, `${LONG} wrong`)).toBe(false)
    expect(await hasher.verify(upgraded, LONG)).toBe(false)
  })

  it('does not open with its password twice around a NUL, which bcrypt reads as once', async () => {
    expect(await hasher.verify(SHORT_HASH, 'correct horse\0correct horse')).toBe(false)
    expect(await hasher.verify(SHORT_HASH, 'correct horse\0')).toBe(false)
  })

  it.each([
    ['cost 3', SHORT_HASH.replace('$05$', '$03$')],
    ['cost 16', SHORT_HASH.replace('$05$', '$16$')],
    ['cost 31', SHORT_HASH.replace('$05$', '$31$')],
    ['a cost of one digit', SHORT_HASH.replace('$05$', '$5$')],
    ['a cost with a sign', SHORT_HASH.replace('$05$', '$+5$')],
    ['the broken form $2x$', SHORT_HASH.replace('$2a$', '$2x$')],
    ['the old form $2$', SHORT_HASH.replace('$2a$', '$2$')],
    ['a character less', SHORT_HASH.slice(0, -1)],
    ['a character more', `${SHORT_HASH}2`],
    ['a line break behind it', `${SHORT_HASH}\n`],
    ['a character that is none of bcrypt', SHORT_HASH.replace('HNb', 'HN+')],
  ])('with %s opens with nothing and is not taken over', async (_what, stored) => {
    expect(hasher.canVerify(stored)).toBe(false)
    expect(await hasher.verify(stored, 'correct horse')).toBe(false)
  })

  it('waits at the same gate as every other hash', async () => {
    const small = createPasswordHasher({ ...options, maxConcurrent: 1, maxQueued: 1 })
    const attempts = await Promise.allSettled(Array.from({ length: 6 }, () => small.verify(SHORT_HASH, 'x')))
    const refused = attempts.filter((attempt) => attempt.status === 'rejected')
    expect(refused).toHaveLength(4)
    expect(refused.every(({ reason }) => reason instanceof BusyError)).toBe(true)
  })
})

describe('an Argon2id hash from elsewhere', () => {
  const made = (memoryCost: number) =>
    argon2.hash('correct horse', { memoryCost, timeCost: 1, parallelism: 1 })

  it('is taken over when it opens here', async () => {
    const stored = await made(512)
    expect(hasher.canVerify(stored)).toBe(true)
    expect(await hasher.verify(stored, 'correct horse')).toBe(true)
    expect(hasher.canVerify(await hasher.hash('correct horse'))).toBe(true)
  })

  it('is not taken over with the pepper of another instance, an unbearable cost, or a damaged form', async () => {
    const stored = await made(512)
    const [, , , , salt = '', hash = ''] = stored.split('$')
    const foreign = { id: 'bbbbbbb', key: generateKeySync('hmac', { length: 256 }) }
    const elsewhere = createPasswordHasher({ ...options, peppers: { current: foreign, byId: new Map() } })
    const refused = [
      await elsewhere.hash('correct horse'),
      ...['m=512', 'm=1048576', 'm=0', 'm=4', 'm=0512'].map((memory, i) =>
        stored.replace('m=512,t=1', `${memory},t=${i === 0 ? 17 : 1}`),
      ),
      stored.replace('p=1', 'p=0'),
      stored.replace('p=1', 'p=17'),
      stored.replace('argon2id', 'argon2i'),
      stored.replace('v=19', 'v=16'),
      stored.replace(salt, 'c2FsdA'),
      stored.replace(salt, `${salt}AAA`),
      stored.replace(hash, hash.slice(0, 8)),
      stored.replace(hash, `${hash}AA`),
      '',
      'correct horse',
      '$5$rounds=5000$abc$def',
    ]
    for (const text of refused) expect([text, hasher.canVerify(text)]).toEqual([text, false])
  })
})
