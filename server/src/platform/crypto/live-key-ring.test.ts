import { chmodSync, copyFileSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { dataKeyOf } from '../../testing/data-key-of.ts'
import { systemClock } from '../clock.ts'
import { createKeyRingFile, draftSealingKey } from './key-ring-file.ts'
import { openLiveKeyRing } from './live-key-ring.ts'
import { createSealer, UnknownKeyError } from './sealed.ts'
import { serverKeyRing } from './server-key-ring.ts'

const BINDING = { table: 't', record: 'r', owner: 'o', field: 'f', version: 1 }
let folder: string
let path: string
let now = 0

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'live-keys-'))
  path = join(folder, 'keys.json')
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  await createKeyRingFile(serverKeyRing, path, systemClock)
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

const later = () => {
  now += 1_000
}
const open = () => {
  const live = openLiveKeyRing(serverKeyRing, path)
  const problems: string[] = []
  live.onProblem((error) => problems.push(error.message))
  return { ring: live.ring, sealer: createSealer(live.ring.keyEncryption), problems }
}
const addKey = async () => {
  const draft = await draftSealingKey(serverKeyRing, path, { clock: systemClock })
  expect(draft.replace()).toBe(true)
  return draft.ring.keyEncryption.current.id
}

it('seals with a new key within a second, and opens what the older one sealed', async () => {
  const { ring, sealer, problems } = open()
  const old = sealer.seal(BINDING, 'before')
  const added = await addKey()
  expect(ring.keyEncryption.current.id).not.toBe(added)
  later()
  expect(ring.keyEncryption.current.id).toBe(added)
  expect(sealer.keyIdOf(sealer.seal(BINDING, 'after'))).toBe(added)
  expect(Buffer.from(sealer.open(BINDING, old)).toString()).toBe('before')
  expect(sealer.keyIdOf(sealer.rewrap(BINDING, old))).toBe(added)
  expect(problems).toEqual([])
})

it('seals the data itself anew as soon as it seals with a key before which the others are compromised', async () => {
  const { ring, sealer } = open()
  const old = sealer.seal(BINDING, 'before')
  const draft = await draftSealingKey(serverKeyRing, path, { clock: systemClock, before: 'compromised' })
  draft.replace()
  const { keyEncryption: keys } = draft.ring
  later()
  const rewrapped = sealer.rewrap(BINDING, old)
  expect(dataKeyOf(keys, BINDING, rewrapped)).not.toBe(dataKeyOf(keys, BINDING, old))
  expect(ring.keyEncryption.current.id).toBe(keys.current.id)
  expect(Buffer.from(sealer.open(BINDING, rewrapped)).toString()).toBe('before')
})

it('opens at once what another process has sealed with a new key', async () => {
  const { sealer } = open()
  await addKey()
  const sealed = open().sealer.seal(BINDING, 'of another')
  expect(Buffer.from(sealer.open(BINDING, sealed)).toString()).toBe('of another')
})

it('leaves the keys of every other purpose as they were', async () => {
  const { ring } = open()
  const { tokenSigning, refreshToken, digest } = ring
  const before = [tokenSigning.current, refreshToken.current, digest.current]
  await addKey()
  later()
  expect(ring.keyEncryption.byId.size).toBe(1)
  expect(ring.keyEncryption.current.id).not.toBe('')
  expect(ring.keyEncryption.byId.size).toBe(2)
  expect([tokenSigning.current, refreshToken.current, digest.current]).toEqual(before)
})

it('says that a key is missing when the file has not got it either', async () => {
  const { sealer } = open()
  const other = join(folder, 'other.json')
  await createKeyRingFile(serverKeyRing, other, systemClock)
  const foreign = createSealer(openLiveKeyRing(serverKeyRing, other).ring.keyEncryption).seal(BINDING, 'x')
  expect(() => sealer.open(BINDING, foreign)).toThrow(UnknownKeyError)
})

const spoiled: [string, RegExp, () => Promise<void> | void][] = [
  ['is gone', /^There is no key ring at/, () => rmSync(path)],
  ['is cut', /cannot be read/, () => writeFileSync(path, '{"format":', { mode: 0o600 })],
  ['is within reach of others', /run chmod 600/, () => chmodSync(path, 0o644)],
  [
    "is another instance's",
    /lacks keys in use/,
    async () => {
      await createKeyRingFile(serverKeyRing, `${path}.other`, systemClock)
      renameSync(`${path}.other`, path)
    },
  ],
]
it.each(spoiled)(
  'goes on with the keys it has when the file %s, says so once, and takes the right one again',
  async (_how, sentence, spoil) => {
    const { ring, sealer, problems } = open()
    const { id } = ring.keyEncryption.current
    const kept = join(folder, 'kept.json')
    copyFileSync(path, kept)
    await spoil()
    for (let i = 0; i < 3; i++) {
      later()
      expect(ring.keyEncryption.current.id).toBe(id)
      sealer.seal(BINDING, 'still')
    }
    expect(problems).toEqual([expect.stringMatching(sentence)])
    chmodSync(kept, 0o600)
    utimesSync(kept, 1, 1)
    renameSync(kept, path)
    later()
    expect(ring.keyEncryption.current.id).toBe(id)
    const added = await addKey()
    later()
    expect(ring.keyEncryption.current.id).toBe(added)
    expect(problems).toHaveLength(1)
  },
)

it('tells whoever listens late', async () => {
  const live = openLiveKeyRing(serverKeyRing, path)
  rmSync(path)
  later()
  expect(live.ring.keyEncryption.current.id).toMatch(/^\w{7}$/)
  const told: Error[] = []
  live.onProblem((error) => told.push(error))
  expect(told).toHaveLength(1)
})
