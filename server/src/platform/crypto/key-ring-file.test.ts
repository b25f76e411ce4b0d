import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../clock.ts'
import type { KeyRing } from './key-ring.ts'
import { createKeyRingFile, draftSealingKey, readKeyRingFile } from './key-ring-file.ts'
import { serverKeyRing } from './server-key-ring.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'key-ring-'))
  path = join(folder, 'keys', 'keys.json')
})
afterEach(() => rmSync(folder, { recursive: true }))

const secretsOf = (ring: KeyRing) =>
  [ring.keyEncryption, ring.passwordPepper, ring.refreshToken, ring.cursor, ring.digest].map((keys) =>
    keys.current.key.export().toString('hex'),
  )

describe('a new key ring', () => {
  it('is readable by its owner only and holds a different random key for every purpose', async () => {
    const made = await createKeyRingFile(serverKeyRing, path, systemClock)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'keys')).mode & 0o777).toBe(0o700)
    expect(readdirSync(join(folder, 'keys'))).toEqual(['keys.json'])
    expect(new Set(secretsOf(made)).size).toBe(5)
    expect(made.tokenSigning.current.privateKey.asymmetricKeyType).toBe('ed25519')
  })

  it('reads back equal', async () => {
    const made = await createKeyRingFile(serverKeyRing, path, systemClock)
    const read = await readKeyRingFile(serverKeyRing, path)
    expect(secretsOf(read)).toEqual(secretsOf(made))
    expect(read.tokenSigning.current.publicKey.equals(made.tokenSigning.current.publicKey)).toBe(true)
    expect([...read.keyEncryption.byId.keys()]).toEqual([made.keyEncryption.current.id])
  })

  it('never replaces a file that is there, whatever it holds', async () => {
    await createKeyRingFile(serverKeyRing, path, systemClock)
    writeFileSync(path, 'anything')
    await expect(createKeyRingFile(serverKeyRing, path, systemClock)).rejects.toMatchObject({
      fault: 'exists',
    })
    expect(readFileSync(path, 'utf8')).toBe('anything')
    expect(readdirSync(join(folder, 'keys'))).toEqual(['keys.json'])
  })

  it('is not made in a folder where others could replace it', async () => {
    const open = join(folder, 'open')
    mkdirSync(open)
    chmodSync(open, 0o777)
    const making = createKeyRingFile(serverKeyRing, join(open, 'keys.json'), systemClock)
    await expect(making).rejects.toMatchObject({ fault: 'unsafe' })
    expect(readdirSync(open)).toEqual([])
  })

  it('is made once when two starts race', async () => {
    const made = await Promise.allSettled(
      Array.from({ length: 8 }, () => createKeyRingFile(serverKeyRing, path, systemClock)),
    )
    const winners = made.filter((result) => result.status === 'fulfilled')
    expect(winners).toHaveLength(1)
    expect(secretsOf(await readKeyRingFile(serverKeyRing, path))).toEqual(
      winners.flatMap((winner) => secretsOf(winner.value)),
    )
  })
})

describe('an added key-encryption key', () => {
  it('becomes current and leaves every other key in place', async () => {
    const before = await createKeyRingFile(serverKeyRing, path, systemClock)
    const draft = await draftSealingKey(serverKeyRing, path, { clock: systemClock })
    expect(secretsOf(await readKeyRingFile(serverKeyRing, path))).toEqual(secretsOf(before))
    expect(draft.replace()).toBe(true)
    const after = draft.ring
    expect(after.keyEncryption.current.id).not.toBe(before.keyEncryption.current.id)
    expect([...after.keyEncryption.byId.keys()]).toEqual([
      before.keyEncryption.current.id,
      after.keyEncryption.current.id,
    ])
    expect(secretsOf(after).slice(1)).toEqual(secretsOf(before).slice(1))
    expect(secretsOf(await readKeyRingFile(serverKeyRing, path))).toEqual(secretsOf(after))
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(folder, 'keys'))).toEqual(['keys.json'])
  })

  it('marks the keys before it as compromised for good, when it is told to', async () => {
    await createKeyRingFile(serverKeyRing, path, systemClock)
    const statesOf = async () =>
      [...(await readKeyRingFile(serverKeyRing, path)).keyEncryption.byId.values()].map(
        ({ isCompromised }) => isCompromised,
      )
    for (const before of ['previous', 'compromised', 'previous'] as const) {
      expect((await draftSealingKey(serverKeyRing, path, { clock: systemClock, before })).replace()).toBe(
        true,
      )
    }
    expect(await statesOf()).toEqual([true, true, false, false])
    const { keys } = JSON.parse(readFileSync(path, 'utf8'))
    expect(keys.key_encryption.map(({ state }: { state: string }) => state)).toEqual([
      'compromised',
      'compromised',
      'previous',
      'current',
    ])
    expect(JSON.stringify({ ...keys, key_encryption: [] })).not.toContain('compromised')
  })

  it('takes the place of no other ring than the one it adds to', async () => {
    await createKeyRingFile(serverKeyRing, path, systemClock)
    const drafts = [
      await draftSealingKey(serverKeyRing, path, { clock: systemClock }),
      await draftSealingKey(serverKeyRing, path, { clock: systemClock }),
    ]
    expect(drafts.map((draft) => draft.replace())).toEqual([true, false])
    for (const draft of drafts) await draft.discard()
    expect(secretsOf(await readKeyRingFile(serverKeyRing, path))).toEqual(
      drafts.slice(0, 1).flatMap(({ ring }) => secretsOf(ring)),
    )
    expect(readdirSync(join(folder, 'keys'))).toEqual(['keys.json'])
  })
})

describe('a key ring that cannot be trusted', () => {
  const refusal = async () => {
    const before = existsSync(path) ? readFileSync(path) : undefined
    const error: unknown = await readKeyRingFile(serverKeyRing, path).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    if (before !== undefined) expect(readFileSync(path)).toEqual(before)
    return error
  }
  const rewrite = async (
    change: (document: { keys: Record<string, { key: string; state: string; id: string }[]> }) => void,
  ) => {
    await createKeyRingFile(serverKeyRing, path, systemClock)
    const document = JSON.parse(readFileSync(path, 'utf8'))
    change(document)
    writeFileSync(path, JSON.stringify(document))
    return document
  }

  it('is refused when it is missing, and none is made', async () => {
    expect(await refusal()).toMatchObject({ fault: 'missing' })
    expect(existsSync(path)).toBe(false)
  })

  const weak: [string, Buffer][] = [
    ['all zeros', Buffer.alloc(32)],
    ['one repeated byte', Buffer.alloc(32, 7)],
    [
      'a repeated half',
      Buffer.concat([Buffer.from('0011223344556677', 'hex'), Buffer.from('0011223344556677', 'hex')]),
    ],
    [
      'a repeated block of full length',
      Buffer.alloc(32, Buffer.from('00112233445566778899aabbccddeeff', 'hex')),
    ],
    ['a counting sequence', Buffer.from(Array.from({ length: 32 }, (_, index) => index))],
    ['a sample text', Buffer.from('change-me-to-32-random-bytes-Qx!')],
    ['too short', Buffer.from('0123456789abcdef0123456789abcd', 'hex')],
    [
      'too long',
      Buffer.alloc(33, Buffer.from(Array.from({ length: 33 }, (_, index) => (index * index * 7) & 255))),
    ],
    ['empty', Buffer.alloc(0)],
  ]
  it.each(weak)('is refused when a key is %s', async (_what, key) => {
    const text = key.toString('base64url')
    for (const purpose of ['key_encryption', 'token_signing', 'password_pepper']) {
      await rewrite(({ keys }) => Object.assign(keys[purpose]?.[0] ?? {}, { key: text }))
      const error = await refusal()
      expect(error).toMatchObject({ fault: 'weak' })
      if (text !== '') expect(String(error)).not.toContain(text)
      rmSync(path)
    }
  })

  const malformed: [
    string,
    (document: { keys: Record<string, { key: string; state: string; id: string }[]> }) => void,
  ][] = [
    [
      'a purpose is missing',
      ({ keys }) => {
        delete keys.digest
      },
    ],
    [
      'a purpose is unknown',
      ({ keys }) => {
        keys.extra = []
      },
    ],
    [
      'a purpose has no key',
      ({ keys }) => {
        keys.cursor = []
      },
    ],
    ['no key is current', ({ keys }) => Object.assign(keys.cursor?.[0] ?? {}, { state: 'previous' })],
    ['a state is unknown', ({ keys }) => Object.assign(keys.cursor?.[0] ?? {}, { state: 'lost' })],
    [
      'one key serves two purposes',
      ({ keys }) => Object.assign(keys.cursor?.[0] ?? {}, { key: keys.digest?.[0]?.key }),
    ],
    [
      'an id is used twice',
      ({ keys }) => Object.assign(keys.cursor?.[0] ?? {}, { id: keys.digest?.[0]?.id }),
    ],
    ['the version is newer', (document) => Object.assign(document, { version: 2 })],
  ]
  it.each(malformed)('is refused when %s', async (_what, change) => {
    await rewrite(change)
    expect(await refusal()).toMatchObject({ fault: 'malformed' })
  })

  it.each(['', '{', '[]', 'null', '{"format":"key-ring"}'])(
    'is refused when the file holds %j',
    async (text) => {
      await createKeyRingFile(serverKeyRing, path, systemClock)
      writeFileSync(path, text)
      expect(await refusal()).toMatchObject({ fault: 'malformed' })
    },
  )

  it('is refused with a cut file, without quoting it', async () => {
    await createKeyRingFile(serverKeyRing, path, systemClock)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.slice(0, -20))
    const error = await refusal()
    expect(error).toMatchObject({ fault: 'malformed' })
    expect(String(error)).not.toContain(text.slice(-40, -20))
  })

  it.each([0o640, 0o604, 0o660, 0o644])('is refused with mode %o', async (mode) => {
    await createKeyRingFile(serverKeyRing, path, systemClock)
    chmodSync(path, mode)
    expect(await refusal()).toMatchObject({ fault: 'unsafe' })
  })

  it('is refused in a folder that others can write, behind a link, or as a folder', async () => {
    await createKeyRingFile(serverKeyRing, path, systemClock)
    chmodSync(join(folder, 'keys'), 0o777)
    expect(await refusal()).toMatchObject({ fault: 'unsafe' })
    chmodSync(join(folder, 'keys'), 0o700)
    symlinkSync(path, join(folder, 'link.json'))
    await expect(readKeyRingFile(serverKeyRing, join(folder, 'link.json'))).rejects.toMatchObject({
      fault: 'unsafe',
    })
    await expect(readKeyRingFile(serverKeyRing, join(folder, 'keys'))).rejects.toMatchObject({
      fault: 'unsafe',
    })
  })
})
