import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { copySchema, fillCopyTables, readCopyTables, things } from '../../../testing/copy-tables.ts'
import { createTestDatabase, migrateTestDatabase } from '../../../testing/for-each-database.ts'
import { systemClock } from '../../clock.ts'
import { createSql, type DatabaseLocation, type Dialect, defineMigration, openDatabase } from '../index.ts'
import { checkBackup, restoreBackup } from './restore-backup.ts'
import { writeBackup } from './write-backup.ts'

const sql = createSql(things)
const removeThing = sql.write((p: { id: string }) => sql.builder.deleteFrom('things').where('id', '=', p.id))
const nothingMore = async () => undefined

async function emptyDatabase(dialect: Dialect): Promise<DatabaseLocation> {
  const { location, drop } = await createTestDatabase(dialect)
  onTestFinished(drop)
  return location
}

async function filledDatabase(dialect: Dialect, rows: number): Promise<DatabaseLocation> {
  const location = await emptyDatabase(dialect)
  await migrateTestDatabase(location, copySchema)
  const db = openDatabase(location)
  await fillCopyTables(db, rows).finally(() => db.close())
  return location
}

async function contentOf(location: DatabaseLocation) {
  const db = openDatabase(location)
  return readCopyTables(db).finally(() => db.close())
}

async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'backup-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'backup')
}

const optionsFor = (location: DatabaseLocation) => ({
  location,
  schema: copySchema,
  clock: systemClock,
  keyIdOf: () => 'abcdefg',
})

async function backupOf(dialect: Dialect, rows = 30) {
  const location = await filledDatabase(dialect, rows)
  const folder = await scratchFolder()
  const manifest = await writeBackup(folder, optionsFor(location))
  return { location, folder, manifest }
}

describe.each<[Dialect, Dialect]>([
  ['sqlite', 'sqlite'],
  ['sqlite', 'postgres'],
  ['postgres', 'sqlite'],
  ['postgres', 'postgres'],
])('a backup of %s restored into %s', (source, target) => {
  it('holds what was there when it began, whatever is written meanwhile', async () => {
    const location = await filledDatabase(source, 1_200)
    const before = await contentOf(location)
    const db = openDatabase(location)
    const folder = await scratchFolder()
    let removing: Promise<number> | undefined
    const onProgress = () => {
      removing ??= db.withSystem((tx) => removeThing.run(tx, { id: before.things.at(-1)?.id ?? '' }))
    }
    await writeBackup(folder, { ...optionsFor(location), onProgress })
    expect(await removing).toBe(1)
    await db.close()

    const to = await emptyDatabase(target)
    await restoreBackup(folder, to, { schema: copySchema, afterRestore: nothingMore })
    expect(await contentOf(to)).toEqual(before)
    expect((await contentOf(location)).things).not.toContainEqual(before.things.at(-1))
  })
})

describe.each<Dialect>(['sqlite', 'postgres'])('a backup of %s', (dialect) => {
  it('is files for their owner alone, and says which keys it needs', async () => {
    const { folder, manifest } = await backupOf(dialect)
    const modeOf = (path: string) => statSync(path).mode & 0o777
    expect(modeOf(folder)).toBe(0o700)
    const files = await readdir(folder)
    expect(files.sort()).toEqual([
      'heads.jsonl.gz',
      'ledger.jsonl.gz',
      'manifest.json',
      'notes.jsonl.gz',
      'things.jsonl.gz',
    ])
    expect(files.map((file) => modeOf(join(folder, file)))).toEqual(files.map(() => 0o600))
    expect(manifest.sealed_with).toEqual({ abcdefg: 10 })
    expect(manifest.engine).toBe(dialect)
    const lines = gunzipSync(readFileSync(join(folder, 'notes.jsonl.gz')))
      .toString()
      .trimEnd()
      .split('\n')
    expect(lines).toHaveLength(30)
  })

  it('is refused in a folder that holds something, which it leaves alone', async () => {
    const { location, folder } = await backupOf(dialect)
    const before = await readdir(folder)
    await expect(writeBackup(folder, optionsFor(location))).rejects.toThrow('is not empty')
    expect(await readdir(folder)).toEqual(before)
  })

  it('leaves nothing when it is stopped', async () => {
    const location = await filledDatabase(dialect, 30)
    const folder = await scratchFolder()
    const stopped = writeBackup(folder, { ...optionsFor(location), signal: AbortSignal.abort() })
    await expect(stopped).rejects.toThrow('aborted')
    expect(await readdir(folder)).toEqual([])
  })
})

describe('a restore', () => {
  const refused = async (folder: string, message: string, schema = { ...copySchema }) => {
    const to = await emptyDatabase('sqlite')
    const options = { schema, afterRestore: nothingMore }
    await expect(restoreBackup(folder, to, options)).rejects.toThrow(message)
    await expect(checkBackup(folder, options)).rejects.toThrow(message)
    await migrateTestDatabase(to, copySchema)
    expect((await contentOf(to)).things).toEqual([])
  }

  it('refuses a changed file', async () => {
    const { folder } = await backupOf('sqlite')
    await appendFile(join(folder, 'notes.jsonl.gz'), '\0')
    await refused(folder, 'is not as it was written')
  })

  it('refuses a backup without its manifest', async () => {
    const { folder } = await backupOf('sqlite')
    await rm(join(folder, 'manifest.json'))
    await refused(folder, 'There is no finished backup')
  })

  it('refuses a manifest that is not one', async () => {
    const { folder } = await backupOf('sqlite')
    writeFileSync(join(folder, 'manifest.json'), '{"format":"portable-backup"}')
    await refused(folder, 'is damaged')
  })

  it('refuses a manifest whose checksum is of other rows', async () => {
    const { folder, manifest } = await backupOf('sqlite')
    const tables = manifest.tables.map((table) => ({ ...table, checksum: '0'.repeat(64) }))
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, tables }))
    await refused(folder, 'are not those that were backed up')
  })

  it('refuses a backup of another version', async () => {
    const { folder } = await backupOf('sqlite')
    const newer = defineMigration({ id: '20990101-0000-test-newer', steps: [] })
    const migrations = [...copySchema.migrations, newer]
    await refused(folder, 'made by an older version', { ...copySchema, migrations })
  })

  it.each<Dialect>(['sqlite', 'postgres'])('refuses a %s database in use', async (dialect) => {
    const { folder } = await backupOf('sqlite')
    const inUse = await filledDatabase(dialect, 2)
    const before = await contentOf(inUse)
    const restoring = restoreBackup(folder, inUse, { schema: copySchema, afterRestore: nothingMore })
    await expect(restoring).rejects.toThrow('The target is not empty (things has 2 rows)')
    expect(await contentOf(inUse)).toEqual(before)
  })

  it.each<Dialect>(['sqlite', 'postgres'])(
    'into %s keeps nothing when what follows it fails',
    async (dialect) => {
      const { folder, location } = await backupOf('sqlite')
      const to = await emptyDatabase(dialect)
      const afterRestore = () => Promise.reject(new Error('no epoch'))
      await expect(restoreBackup(folder, to, { schema: copySchema, afterRestore })).rejects.toThrow(
        'no epoch',
      )
      expect((await contentOf(to)).things).toEqual([])

      const [last] = (await contentOf(location)).things
      await restoreBackup(folder, to, {
        schema: copySchema,
        afterRestore: async (tx) => void (await removeThing.run(tx, { id: last?.id ?? '' })),
      })
      expect((await contentOf(to)).things).not.toContainEqual(last)
    },
  )

  it('is proven by a check that leaves nothing behind', async () => {
    const { folder, manifest } = await backupOf('postgres')
    const temporary = await mkdtemp(join(tmpdir(), 'backup-'))
    onTestFinished(() => rm(temporary, { recursive: true }))
    vi.stubEnv('TMPDIR', temporary)
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(await checkBackup(folder, { schema: copySchema, afterRestore: nothingMore })).toEqual(manifest)
    expect(await readdir(temporary)).toEqual([])
  })
})
