import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dictionary } from '@zxcvbn-ts/language-common'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  COMMON_PASSWORDS_FILE,
  openPasswordFilter,
  type PasswordFilter,
  PasswordFilterError,
} from './password-filter.ts'
import { packPasswordFilter } from './password-filter-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'password-filter-'))
const path = join(folder, 'list.bin')
afterAll(() => rmSync(folder, { recursive: true }))

it('holds exactly the passwords it was made from', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ maxLength: 12 })),
      fc.array(fc.string()),
      async (members, others) => {
        writeFileSync(path, packPasswordFilter(members))
        const filter = await openPasswordFilter(path)
        try {
          expect(filter.size).toBe(new Set(members).size)
          expect(members.every((member) => filter.contains(member))).toBe(true)
          for (const other of others) expect(filter.contains(other)).toBe(members.includes(other))
        } finally {
          await filter.close()
        }
      },
    ),
  )
})

describe('a filter file', () => {
  const good = packPasswordFilter(Array.from({ length: 1_000 }, (_, index) => `password-${index}`))
  const refused = async (bytes: Buffer) => {
    writeFileSync(path, bytes)
    await expect(openPasswordFilter(path)).rejects.toBeInstanceOf(PasswordFilterError)
  }

  it('is refused when it is missing, naming the path', async () => {
    await expect(openPasswordFilter(join(folder, 'none.bin'))).rejects.toThrow(/none\.bin cannot be opened/)
  })

  it('is refused when it is empty, something else, longer, or changed by one bit', async () => {
    await refused(Buffer.alloc(0))
    await refused(Buffer.from('password\n123456\n'.repeat(10)))
    await refused(Buffer.concat([good, Buffer.alloc(6)]))
    for (const at of [0, 7, 15, 20, 48, good.length - 1]) {
      const changed = Buffer.from(good)
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
      await refused(changed)
    }
  })

  it('is refused when it was cut', async () => {
    for (const length of [10, 48, 54, good.length - 6, good.length - 1]) {
      writeFileSync(path, good)
      truncateSync(path, length)
      await expect(openPasswordFilter(path)).rejects.toBeInstanceOf(PasswordFilterError)
    }
  })
})

describe('the shipped list', () => {
  let common: PasswordFilter
  beforeAll(async () => {
    common = await openPasswordFilter(COMMON_PASSWORDS_FILE)
  })
  afterAll(() => common.close())

  it('holds at least 100,000 passwords of eight characters and more', () => {
    expect(common.size).toBeGreaterThan(100_000)
  })

  it('holds every password of that length in the package it was made from', () => {
    const listed = dictionary['passwords-common'].filter((password) => [...password].length >= 8)
    expect(listed.length).toBeGreaterThan(10_000)
    expect(listed.filter((password) => !common.contains(password))).toEqual([])
  })

  it('does not hold random passwords', () => {
    const random = Array.from({ length: 20_000 }, () => crypto.randomUUID())
    expect(random.filter((password) => common.contains(password))).toEqual([])
  })
})
