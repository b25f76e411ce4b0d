import { createSecretKey, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createSealer, SealIntegrityError, UnknownKeyError } from '../../../platform/crypto/sealed.ts'
import { testKeys } from '../../../testing/test-keys.ts'
import { newPair, type Owned, type VaultSetting, vaultSetting } from '../../../testing/vault-setting.ts'
import type { CredentialRow } from '../credential.table.ts'
import { keyBinding } from './key-binding.ts'

type Tampering = Partial<Omit<CredentialRow, 'id'>>

const flipped = (bytes: Uint8Array | null, at: number): Uint8Array => {
  const copy = Buffer.from(bytes ?? [])
  const place = at < 0 ? copy.length + at : at
  copy.writeUInt8(copy.readUInt8(place) ^ 1, place)
  return new Uint8Array(copy)
}
const withByte = (bytes: Uint8Array | null, at: number, value: number): Uint8Array => {
  const copy = Buffer.from(bytes ?? [])
  copy.writeUInt8(value, at)
  return new Uint8Array(copy)
}
const shorter = (bytes: Uint8Array | null, by: number) => bytes?.subarray(0, bytes.length - by) ?? null

describe.each(['sqlite', 'postgres'] as const)(
  'a broker key that somebody with the database moved or changed on %s',
  (dialect) => {
    let on: VaultSetting
    beforeAll(async () => {
      on = await vaultSetting(dialect)
    })
    afterAll(() => on[Symbol.asyncDispose]())
    beforeEach(() => {
      on.paper.received.length = 0
      on.live.received.length = 0
    })

    const refused = async (key: Owned, claims = {}) => {
      const lines = on.app.logged.length
      const before = (await on.events(key)).length
      await expect(on.use(key, claims)).rejects.toMatchObject({
        code: 'vault.credential_unreadable',
        status: 500,
      })
      expect([...on.paper.received, ...on.live.received], 'nothing was sent').toEqual([])
      const alarm = { action: 'credential.refused', result: 'refused', details: { reason: 'integrity' } }
      await expect
        .poll(async () => (await on.events(key)).slice(before))
        .toMatchObject([{ action: 'credential.used' }, alarm])
      const warnings = on.app.logged.slice(lines).filter((line) => line.includes('"level":"warn"'))
      expect(warnings).toHaveLength(1)
      expect(warnings[0]).toContain(key.id)
      expect((await on.row(key)).last_validation).toBeNull()
    }

    it.each<[string, (row: CredentialRow) => Tampering]>([
      ['with key and secret exchanged', (row) => ({ api_key: row.secret_key, secret_key: row.api_key })],
      ['with the key in both places', (row) => ({ secret_key: row.api_key })],
      ['relabelled from paper to live', () => ({ credential_type: 'alpaca_live', environment: 'live' })],
      ['relabelled in its type alone', () => ({ credential_type: 'alpaca_live' })],
      ['relabelled in its environment alone', () => ({ environment: 'live' })],
      ['called a later version', (row) => ({ key_version: row.key_version + 1 })],
      ['called an earlier version', (row) => ({ key_version: row.key_version - 1 })],
      ['with its secret taken out', () => ({ secret_key: null })],
      ['with the tag of its key cut by 4', (row) => ({ api_key: shorter(row.api_key, 4) })],
      ['with the tag of its key cut by 8', (row) => ({ api_key: shorter(row.api_key, 8) })],
      ['with the tag of its secret cut by 12', (row) => ({ secret_key: shorter(row.secret_key, 12) })],
      [
        'with a byte too many',
        (row) => ({ api_key: Buffer.concat([row.api_key ?? Buffer.alloc(0), Buffer.of(0)]) }),
      ],
      ['with a bit of its magic flipped', (row) => ({ api_key: flipped(row.api_key, 0) })],
      ['with a bit of its format flipped', (row) => ({ api_key: flipped(row.api_key, 4) })],
      ['with its format called the one before', (row) => ({ api_key: withByte(row.api_key, 4, 1) })],
      ['with a bit of its algorithm flipped', (row) => ({ secret_key: flipped(row.secret_key, 5) })],
      ['with a bit of its salt flipped', (row) => ({ secret_key: flipped(row.secret_key, 40) })],
      ['with a bit of its wrapped key flipped', (row) => ({ secret_key: flipped(row.secret_key, 70) })],
      ['with a bit of its data flipped', (row) => ({ api_key: flipped(row.api_key, -17) })],
      ['with a bit of its tag flipped', (row) => ({ secret_key: flipped(row.secret_key, -1) })],
      ['with zeros in its place', (row) => ({ api_key: new Uint8Array(row.api_key?.length ?? 64) })],
    ])('is refused %s', async (_what, tampering) => {
      const key = await on.store()
      await on.tamper(key, tampering(await on.row(key)))
      await refused(key)
    })

    it('is refused when it was made of another key’s, of this member or of another', async () => {
      const key = await on.store()
      const { api_key, secret_key } = await on.row(key)
      for (const owner of [key.owner, undefined]) {
        const other = await on.store(owner ? { owner } : {})
        await on.tamper(other, { secret_key })
        await refused(other)
        await on.tamper(other, { api_key, secret_key })
        await refused(other)
      }
    })

    it('is refused when its row was given to another member', async () => {
      const key = await on.store()
      const other = await on.store()
      const { user_account_id } = await on.row(other)
      await on.tamper(key, { user_id: other.owner, user_account_id })
      await refused({ owner: other.owner, id: key.id })
    })

    it('is refused when a replaced pair was put back', async () => {
      const key = await on.store()
      const old = await on.row(key)
      const claims = {
        owner: key.owner,
        credential: key.id,
        type: 'alpaca_paper',
        validate: false,
        actor: {},
      }
      const { sealed } = await on.client.seal({ ...claims, keyVersion: 2 }, newPair())
      if (!sealed) throw new Error('The vault did not seal.')
      const { apiKey: api_key, secretKey: secret_key } = sealed
      await on.rotated(key, 2)
      await on.tamper(key, { api_key, secret_key, key_version: 2 })
      await (await on.use(key)).body.toArray()
      await expect.poll(async () => (await on.row(key)).last_validation).toBe('ok')
      await expect.poll(async () => (await on.events(key)).at(-1)?.action).toBe('credential.use_ended')
      await on.tamper(key, { last_validation: null })
      on.paper.received.length = 0
      await on.tamper(key, { api_key: old.api_key, secret_key: old.secret_key })
      await refused(key)
      await on.tamper(key, { api_key, secret_key: old.secret_key })
      await refused(key)
      await on.tamper(key, { api_key, secret_key, key_version: 1 })
      await refused(key)
    })

    it('is refused when its type is none of ours', async () => {
      const key = await on.store()
      await on.tamper(key, { credential_type: 'evil_broker' })
      await expect(on.use(key)).rejects.toMatchObject({ code: 'vault.credential_unreadable' })
      await expect.poll(() => on.events(key)).toMatchObject([{ details: { reason: 'type_unknown' } }])
      expect([...on.paper.received, ...on.live.received]).toEqual([])
    })

    it('sees a key of another ring as no key at all', async () => {
      const key = await on.store()
      const place = await on.row(key)
      const stranger = createSealer(testKeys())
      await on.tamper(key, { api_key: stranger.seal(keyBinding('api_key', place), 'PKFAKE') })
      await expect(on.use(key)).rejects.toMatchObject({ code: 'vault.credential_unreadable' })
      await expect
        .poll(async () => (await on.events(key)).at(-1))
        .toMatchObject({ details: { reason: 'key_unknown' } })
      expect(on.paper.received).toEqual([])
    })
  },
)

describe('a sealed broker key', () => {
  const current = { id: 'abcdefg', key: createSecretKey(randomBytes(32)) }
  const sealer = createSealer({ current, byId: new Map([[current.id, current]]) })
  const place = {
    id: '0197c000-0000-7000-8000-000000000001',
    user_id: '0197c000-0000-7000-8000-000000000002',
    credential_type: 'alpaca_paper',
    environment: 'paper' as const,
    key_version: 3,
  }
  const binding = keyBinding('api_key', place)
  const sealed = sealer.seal(binding, 'PKFAKE0123456789ABCD')
  const openError = (bytes: Uint8Array, where = binding): unknown => {
    try {
      return sealer.open(where, bytes)
    } catch (error) {
      return error
    }
  }

  it('does not open with any bit of any byte flipped', () => {
    for (let at = 0; at < sealed.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const copy = Buffer.from(sealed)
        copy.writeUInt8(copy.readUInt8(at) ^ (1 << bit), at)
        const error = openError(copy)
        const isRefused = error instanceof SealIntegrityError || error instanceof UnknownKeyError
        expect(isRefused, `bit ${bit} of byte ${at}`).toBe(true)
      }
    }
    expect(Buffer.from(sealer.open(binding, sealed)).toString()).toBe('PKFAKE0123456789ABCD')
  })

  it('does not open cut at any length', () => {
    for (let length = 0; length < sealed.length; length++)
      expect(openError(sealed.subarray(0, length)), `${length} bytes`).toBeInstanceOf(SealIntegrityError)
  })

  it.each([
    ['row', { id: '0197c000-0000-7000-8000-000000000009' }],
    ['owner', { user_id: '0197c000-0000-7000-8000-000000000009' }],
    ['type', { credential_type: 'alpaca_live' }],
    ['environment', { environment: 'live' as const }],
    ['version', { key_version: 2 }],
  ])('does not open as that of another %s', (_what, other) => {
    expect(openError(sealed, keyBinding('api_key', { ...place, ...other }))).toBeInstanceOf(
      SealIntegrityError,
    )
    expect(openError(sealed, keyBinding('secret_key', place))).toBeInstanceOf(SealIntegrityError)
  })
})
