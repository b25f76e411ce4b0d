import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../../platform/clock.ts'
import { createKeyRingFile } from '../../../platform/crypto/key-ring-file.ts'
import { createSealer } from '../../../platform/crypto/sealed.ts'
import { serverKeyRing } from '../../../platform/crypto/server-key-ring.ts'
import { instanceState } from '../../../platform/state/instance-state.table.ts'
import { forgetState, readState } from '../../../platform/state/state.ts'
import { forEachDatabase } from '../../../testing/for-each-database.ts'
import { prepareVaultKeys, readVaultKeyRing, vaultKeyRing } from './vault-key-ring.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vault-keys-'))
  path = join(folder, 'vault-keys.json')
})
afterEach(() => rmSync(folder, { recursive: true }))

const sentence = /^\S[^\n]{10,300}\.$/

it('is made for its owner alone, reads back equal and is never replaced', async () => {
  const made = await createKeyRingFile(vaultKeyRing, path, systemClock)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  const read = await readVaultKeyRing(path)
  expect(read.auditSigning.current.publicKey.equals(made.auditSigning.current.publicKey)).toBe(true)
  expect(read.credentialFingerprint.current.key.equals(made.credentialFingerprint.current.key)).toBe(true)
  const binding = { table: 't', record: 'r', owner: 'o', field: 'f', version: 1 }
  const sealed = createSealer(made.credentialEncryption).seal(binding, 'a secret')
  expect(Buffer.from(createSealer(read.credentialEncryption).open(binding, sealed)).toString()).toBe(
    'a secret',
  )
  await expect(createKeyRingFile(vaultKeyRing, path, systemClock)).rejects.toMatchObject({ fault: 'exists' })
})

it("is not the server's ring", async () => {
  await createKeyRingFile(serverKeyRing, path, systemClock)
  await expect(readVaultKeyRing(path)).rejects.toMatchObject({
    fault: 'malformed',
    message: expect.stringContaining('it is not a vault-key-ring of version 1'),
  })
})

forEachDatabase('the keys of a vault', { tables: [instanceState] }, (on) => {
  const prepare = (db = on.db) => prepareVaultKeys({ path, db, clock: systemClock })
  const forget = () => on.db.withSystem((tx) => forgetState(tx, 'vault_key_check'))
  beforeEach(forget)

  it('are made at the first start and the same ever after', async () => {
    const made = await prepare()
    const again = await prepare()
    expect(again.credentialEncryption.current.id).toBe(made.credentialEncryption.current.id)
  })

  it('are made once by eight processes that start together', async () => {
    const rings = await Promise.all(Array.from({ length: 8 }, () => prepare()))
    expect(new Set(rings.map((ring) => ring.credentialEncryption.current.id)).size).toBe(1)
  })

  it('are never made anew for a database that has its own', async () => {
    await prepare()
    rmSync(path)
    await expect(prepare()).rejects.toMatchObject({
      fault: 'missing',
      message: expect.stringMatching(sentence),
    })
    expect(existsSync(path)).toBe(false)
  })

  it("are not another database's", async () => {
    await prepare()
    const proof = await readState(on.db, 'vault_key_check')
    rmSync(path)
    await createKeyRingFile(vaultKeyRing, path, systemClock)
    const file = readFileSync(path)
    await expect(prepare()).rejects.toMatchObject({
      fault: 'wrong',
      message: expect.stringMatching(sentence),
    })
    expect(readFileSync(path)).toEqual(file)
    expect(await readState(on.db, 'vault_key_check')).toBe(proof)
  })

  it.each(['', '{', '{"format":"vault-key-ring","version":1,"keys":{}}'])(
    'are refused when the file holds %j',
    async (text) => {
      await prepare()
      writeFileSync(path, text)
      await expect(prepare()).rejects.toMatchObject({
        fault: 'malformed',
        message: expect.stringMatching(sentence),
      })
      expect(readFileSync(path, 'utf8')).toBe(text)
    },
  )
})
