import { chmodSync, copyFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { expect, it, onTestFinished, vi } from 'vitest'
import { systemClock } from './platform/clock.ts'
import { sealCanary } from './platform/crypto/key-check.ts'
import { createKeyRingFile, draftSealingKey, readKeyRingFile } from './platform/crypto/key-ring-file.ts'
import { serverKeyRing } from './platform/crypto/server-key-ring.ts'
import { rawStatement } from './platform/db/postgres/control-statements.ts'
import { bigintValueType } from './platform/db/schema/scalar-types.ts'
import { READ } from './platform/db/session.ts'
import { prepareInstance } from './prepare-instance.ts'
import { migrations } from './schema.ts'
import { forEachApp } from './testing/start-test-app.ts'
import { runAsOwner, storedRows } from './testing/stored-rows.ts'

const PROBES = 100
const WELL = { database: 'ok', migrations: 'ok', keys: 'ok', clock: 'ok' }

forEachApp('GET /health/ready', {}, (on) => {
  const ask = async () => {
    const response = await fetch(`${on.app.url}/health/ready`)
    return { status: response.status, body: await response.json() }
  }
  const ready = { status: 200, body: { status: 'ok', checks: WELL } }
  const failing = (name: keyof typeof WELL) => ({
    status: 503,
    body: { status: 'failing', checks: { ...WELL, [name]: 'failed' } },
  })

  it('says that database, migrations, keys and clock are well, and nothing else', async () => {
    expect(await ask()).toEqual(ready)
  })

  it.each([
    [
      'applied with another text',
      `update outcry_migrations set checksum = '~' || checksum where id like '%-platform-state'`,
      `update outcry_migrations set checksum = substr(checksum, 2) where id like '%-platform-state'`,
    ],
    [
      'not applied',
      `update outcry_migrations set id = '~' || id where id like '%-platform-state'`,
      `update outcry_migrations set id = substr(id, 2) where id like '~%'`,
    ],
  ])('fails while a migration is %s, and is well again at once', async (_how, spoil, mend) => {
    await runAsOwner(on.app, spoil)
    expect(await ask()).toEqual(failing('migrations'))
    await runAsOwner(on.app, mend)
    expect(await ask()).toEqual(ready)
  })

  it('stays well while the next version migrates, and a node of this one still starts', async () => {
    const later = `insert into outcry_migrations select '99991231-0000-later', checksum, applied_at from outcry_migrations limit 1`
    await runAsOwner(on.app, later)
    expect(await ask()).toEqual(ready)
    const beside = await prepareInstance(on.app.config, systemClock)
    await beside.db.close()
    expect(await storedRows(on.app, 'outcry_migrations')).toHaveLength(migrations.length + 1)
    await runAsOwner(on.app, `delete from outcry_migrations where id = '99991231-0000-later'`)
    expect(await ask()).toEqual(ready)
  })

  it('says once in the log which check fails and why, and once that it is well again', async () => {
    const { app } = on
    const from = app.logged.length
    const said = () =>
      app.logged
        .slice(from)
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter(({ check }) => check !== undefined)
    for (let i = 0; i < 3; i++) expect(await ask()).toEqual(ready)
    expect(said()).toEqual([])
    const kept = `${app.config.keysFile}.kept`
    renameSync(app.config.keysFile, kept)
    for (let i = 0; i < 3; i++) expect(await ask()).toEqual(failing('keys'))
    const failed = {
      level: 'warn',
      check: 'keys',
      message: 'A readiness check fails; the server is not ready until it is mended.',
      err: { type: 'KeyRingError', message: expect.stringContaining(app.config.keysFile) },
    }
    expect(said()).toMatchObject([failed])
    renameSync(kept, app.config.keysFile)
    for (let i = 0; i < 3; i++) expect(await ask()).toEqual(ready)
    expect(said()).toMatchObject([
      failed,
      { level: 'info', check: 'keys', message: 'A readiness check is well again.' },
    ])
  })

  it.each<[string, (path: string) => Promise<unknown> | unknown]>([
    ['is gone', (path) => rmSync(path)],
    ['is cut', (path) => writeFileSync(path, '{"format":')],
    ['is within reach of others', (path) => chmodSync(path, 0o644)],
    [
      'is that of another instance',
      async (path) => {
        rmSync(path)
        await createKeyRingFile(serverKeyRing, path, systemClock)
      },
    ],
  ])('fails while the key file %s, and is well again with the right one', async (_how, spoil) => {
    const { keysFile } = on.app.config
    const kept = `${keysFile}.kept`
    copyFileSync(keysFile, kept)
    await spoil(keysFile)
    for (let i = 0; i < 2; i++) expect(await ask()).toEqual(failing('keys'))
    chmodSync(kept, 0o600)
    renameSync(kept, keysFile)
    expect(await ask()).toEqual(ready)
  })

  it('fails while others can replace the key file', async () => {
    const { dataDir } = on.app.config
    chmodSync(dataDir, 0o777)
    expect(await ask()).toEqual(failing('keys'))
    chmodSync(dataDir, 0o700)
    expect(await ask()).toEqual(ready)
  })

  it('stays well when a key is added', async () => {
    const draft = await draftSealingKey(serverKeyRing, on.app.config.keysFile, { clock: systemClock })
    expect(draft.replace()).toBe(true)
    expect(await ask()).toEqual(ready)
  })

  it('fails while the database holds the proof of another key ring, or none', async () => {
    const { app } = on
    const [row] = await storedRows(app, 'instance_state', `name = 'key_check'`)
    const other = `${app.config.keysFile}.other`
    await createKeyRingFile(serverKeyRing, other, systemClock)
    const foreign = sealCanary(serverKeyRing, await readKeyRingFile(serverKeyRing, other))
    const put = (value: unknown) =>
      runAsOwner(app, `update instance_state set value = '${value}' where name = 'key_check'`)
    await put(foreign)
    expect(await ask()).toEqual(failing('keys'))
    await put(row?.value)
    expect(await ask()).toEqual(ready)
    await runAsOwner(app, `update instance_state set name = 'key_check_away' where name = 'key_check'`)
    expect(await ask()).toEqual(failing('keys'))
    await runAsOwner(app, `update instance_state set name = 'key_check' where name = 'key_check_away'`)
    expect(await ask()).toEqual(ready)
  })
})

const PREPARED = {
  ...rawStatement('select count(*) as n from pg_prepared_statements'),
  hints: new Map([['n', bigintValueType]]),
}

forEachApp('GET /health/ready', { env: { OUTCRY_DATABASE_POOL: '1' } }, (on) => {
  it(`costs the database no memory: ${PROBES} probes prepare nothing that the first did not`, async () => {
    const prepare = vi.spyOn(DatabaseSync.prototype, 'prepare')
    onTestFinished(() => prepare.mockRestore())
    const { db } = on.app.app.platform
    const prepared = async () =>
      on.dialect === 'sqlite' ? prepare.mock.calls.length : Object(await db[READ].first(PREPARED, [])).n
    const ask = async () => (await fetch(`${on.app.url}/health/ready`)).status
    expect(await ask()).toBe(200)
    const before = await prepared()
    for (let i = 0; i < PROBES; i++) expect(await ask()).toBe(200)
    expect(await prepared()).toBe(before)
  })
})
