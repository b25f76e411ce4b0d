import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { readVaultKeyRing, vaultKeyRing } from '../../modules/vault/process/vault-key-ring.ts'
import type { KeyRingKind } from '../../platform/crypto/key-ring.ts'
import { draftSealingKey } from '../../platform/crypto/key-ring-file.ts'
import { serverKeyRing } from '../../platform/crypto/server-key-ring.ts'
import { proveKeyRing } from '../../platform/state/key-proof.ts'
import { doomedJobs } from '../../testing/doomed-jobs.ts'
import { createSignedInMember, registerMember, type SignedInMember } from '../../testing/factories.ts'
import { forEachVaultApp, newPair, storeCredential } from '../../testing/factories-vault.ts'
import { MINUTE } from '../../testing/fixed-clock.ts'
import { startTestApp } from '../../testing/start-test-app.ts'
import { countStored } from '../../testing/stored-rows.ts'
import { version } from '../../version.ts'

interface Figures {
  readonly started_at: string
  readonly jobs: Record<'waiting' | 'due' | 'running' | 'dead', number>
  readonly keys: readonly {
    readonly purpose: string
    readonly key_id: string
    readonly created_at: string | null
    readonly is_rotating: boolean
    readonly left_to_rewrap: number
  }[]
  readonly audit: { readonly entries: number }
  readonly storage: Record<string, number>
  readonly database: Record<string, unknown>
}

forEachVaultApp('GET /admin/system', {}, (on) => {
  let member: SignedInMember | undefined
  const figures = async (): Promise<Figures> => {
    member ??= await createSignedInMember(on.app, { role: 'admin' })
    const { status, text } = await on.app.send('GET', '/admin/system', { token: member.accessToken })
    if (status !== 200) throw new Error(text)
    const told: Figures = JSON.parse(text)
    return told
  }
  const keyFor = async (purpose: string) => (await figures()).keys.find((key) => key.purpose === purpose)

  it('is for administrators', async () => {
    expect((await on.app.send('GET', '/admin/system')).status).toBe(401)
    const { accessToken: token } = await createSignedInMember(on.app, { role: 'moderator' })
    expect((await on.app.send('GET', '/admin/system', { token })).status).toBe(403)
  })

  it('says what is so', async () => {
    const said = await figures()
    expect(said).toMatchObject({
      version,
      started_at: on.app.clock.now().toISOString(),
      database: { kind: on.dialect, ok: true, migrations_pending: 0 },
      clock_ok: true,
      vault: { state: 'running' },
      audit: {
        entries: await countStored(on.app, 'audit_events'),
        last_checkpoint_at: null,
        is_verifying: false,
        verified: null,
      },
    })
    expect(said.database.size_bytes).toBeGreaterThan(100_000)
    const { data_dir_bytes_free: free = 0, data_dir_bytes_total: total = 0 } = said.storage
    expect(free).toBeGreaterThan(0)
    expect(total).toBeGreaterThan(free)
  })

  it('counts work that waits, is due and was given up, and mail apart', async () => {
    const doomed = doomedJobs(on.app)
    await on.app.settle()
    const before = await figures()
    expect(before.jobs).toMatchObject({ due: 0, running: 0, dead: 0 })
    await registerMember(on.app)
    await doomed.add()
    const { jobs, storage } = await figures()
    expect(jobs).toEqual({ ...before.jobs, waiting: before.jobs.waiting + 2, due: 2 })
    expect(storage.mail_waiting).toBe(1)
    await on.app.settle()
    const after = await figures()
    expect(after.jobs).toEqual({ ...before.jobs, dead: 1 })
    expect(after.storage.mail_waiting).toBe(0)
  })

  it('says since when each key of the server is used, and how much is left to move to a new one', async () => {
    const keys = (await figures()).keys.filter(({ created_at }) => created_at !== null)
    expect(keys.map(({ purpose }) => purpose)).toEqual([...serverKeyRing.purposes])
    for (const { created_at } of keys) expect(created_at).toBe(on.app.clock.now().toISOString())
    expect(keys.every(({ is_rotating }) => !is_rotating)).toBe(true)
    await registerMember(on.app) // leaves a mail that waits, sealed
    const { config, clock } = on.app
    const before = await keyFor('key_encryption')
    await addKey(serverKeyRing, config.keysFile)
    await expect
      .poll(() => keyFor('key_encryption'), { interval: 100, timeout: 5_000 })
      .toMatchObject({
        key_id: expect.not.stringMatching(before?.key_id ?? ''),
        is_rotating: true,
        left_to_rewrap: 1,
      })
    await on.app.settle()
    clock.advance(MINUTE / 6)
    expect(await keyFor('key_encryption')).toMatchObject({ is_rotating: false, left_to_rewrap: 0 })
  })

  it('says of the vault which key seals, and how much is left to move', async () => {
    const owner = await createSignedInMember(on.app)
    await storeCredential(on.app, owner, newPair())
    const { config, clock, app } = on.app
    const ring = await readVaultKeyRing(config.vaultKeysFile)
    clock.advance(MINUTE / 6)
    expect(await keyFor('credential_encryption')).toEqual({
      ...{ purpose: 'credential_encryption', key_id: ring.credentialEncryption.current.id },
      ...{ created_at: null, is_rotating: false, left_to_rewrap: 0 },
    })
    await addKey(vaultKeyRing, config.vaultKeysFile)
    const grown = await readVaultKeyRing(config.vaultKeysFile)
    await proveKeyRing(vaultKeyRing, grown, { db: app.platform.db, clock, name: 'vault_key_check' })
    clock.advance(MINUTE / 6)
    expect(await keyFor('credential_encryption')).toMatchObject({
      ...{ key_id: grown.credentialEncryption.current.id, is_rotating: true, left_to_rewrap: 2 },
    })
  })

  it('shows no key, no address of the database and no path', async () => {
    const { config } = on.app
    const text = JSON.stringify(await figures())
    const secrets = [config.keysFile, config.vaultKeysFile].flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/"key": ?"([\w-]+)"/g)].map(([, key = '']) => key),
    )
    expect(secrets.length).toBeGreaterThan(8)
    for (const secret of [...secrets, config.dataDir, 'postgres://', 'sqlite:'])
      expect(text).not.toContain(secret)
  })

  async function addKey(kind: KeyRingKind<string, unknown>, path: string): Promise<void> {
    const draft = await draftSealingKey(kind, path, { clock: on.app.clock })
    expect(draft.replace()).toBe(true)
    await draft.discard()
  }
})

it('tells a vault that is being started again from none', async () => {
  await using app = await startTestApp({ dialect: 'sqlite', findVault: async () => undefined })
  const { accessToken: token } = await createSignedInMember(app, { role: 'admin' })
  const { body } = await app.send('GET', '/admin/system', { token })
  expect(body.vault).toEqual({ state: 'restarting' })
})
