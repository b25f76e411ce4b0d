import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type pg from 'pg'
import { inject, onTestFinished } from 'vitest'
import { loadConfig } from '../../config/config.ts'
import { databaseLocation } from '../../database-location.ts'
import { tables } from '../../schema.ts'
import { openRowReader } from '../fuzz/row-snapshot.ts'
import { connectTo, onPostgresAt } from '../postgres-client.ts'

/** Something that a secret could have got into. */
export interface Place {
  readonly name: string
  readonly bytes: Buffer
}

/** Every file below a folder; what is compressed also as it was before. */
export async function filesBelow(folder: string): Promise<Place[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
  const read = async (name: string): Promise<Place[]> => {
    const bytes = await readFile(name).catch(() => Buffer.alloc(0)) // a file of a database may go while we look
    if (!name.endsWith('.gz')) return [{ name, bytes }]
    return [
      { name, bytes },
      { name: `${name}, unpacked`, bytes: gunzipSync(bytes) },
    ]
  }
  return (await Promise.all(paths.map(read))).flat()
}

/** The names of files and folders below a folder: a name can tell a secret too. */
export async function namesBelow(folder: string): Promise<Place> {
  const entries = await readdir(folder, { recursive: true }).catch(() => [])
  return { name: `names below ${folder}`, bytes: Buffer.from(entries.join('\n')) }
}

/** What the kernel tells anybody of this user about a process and its children: arguments and environment. */
export async function processesFrom(pid: number): Promise<Place[]> {
  const all = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const parents = await Promise.all(
    all.map(async (each) => {
      const stat = await readFile(`/proc/${each}/stat`, 'utf8').catch(() => '')
      return [each, /\) \S (\d+)/.exec(stat)?.[1]] as const
    }),
  )
  const family = [
    String(pid),
    ...parents.filter(([, parent]) => parent === String(pid)).map(([each]) => each),
  ]
  const read = family.flatMap((each) =>
    ['cmdline', 'environ'].map(async (what): Promise<Place> => {
      const name = `/proc/${each}/${what}`
      return { name, bytes: await readFile(name) }
    }),
  )
  return Promise.all(read)
}

/** The ids of a process's children. */
export async function childrenOf(pid: number): Promise<number[]> {
  const places = await processesFrom(pid)
  const ids = places.map(({ name }) => Number(name.split('/')[2]))
  return [...new Set(ids)].filter((id) => id !== pid)
}

type Instance = { readonly env: Readonly<Record<string, string>> }

/** Every row of every table as text, bytes as hex; past row security and whatever the engine packs. */
export async function rowsOf(instance: Instance): Promise<Place[]> {
  await using reader = await openRowReader(instance)
  const places: Place[] = []
  for (const { name } of tables) {
    const rows = await reader.rows(`select * from "${name}"`)
    const text = JSON.stringify(rows, (_key, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
    )
    places.push({ name: `table ${name}`, bytes: Buffer.from(text) })
  }
  return places
}

async function onCluster<T>(work: (client: pg.Client) => Promise<T>, pathname?: string): Promise<T> {
  const url = Object.assign(new URL(inject('postgres').adminUrl), pathname === undefined ? {} : { pathname })
  return await onPostgresAt(url.href, work)
}

/**
 * Has every file of the write-ahead log kept from now on until the test ends: without that, checkpoints, which other tests
 * on this PostgreSQL cause too, hand them out anew. Answers the first of them.
 */
async function keepWalFiles(): Promise<string> {
  const client = await connectTo(inject('postgres').adminUrl)
  onTestFinished(() => client.end()) // the slot goes with its session
  const slot = `outcry_test_${randomBytes(8).toString('hex')}`
  await client.query('select pg_create_physical_replication_slot($1, true, true)', [slot])
  return await walFile(client)
}

/** The file of the write-ahead log that is written now. */
async function walFile(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    'select pg_walfile_name(pg_current_wal_insert_lsn()) as name',
  )
  return rows[0]?.name ?? ''
}

async function sqliteFiles(path: string): Promise<Place[]> {
  const names = ['', '-wal', '-shm', '-journal']
    .map((end) => `${path}${end}`)
    .filter((each) => existsSync(each))
  return Promise.all(names.map(async (name) => ({ name, bytes: await readFile(name) })))
}

/**
 * Begins to watch what the database of an instance writes; gives its files as they are then: tables, what is written
 * ahead since now, and temporary ones.
 */
export async function watchDatabaseFiles(instance: Instance): Promise<() => Promise<Place[]>> {
  const location = databaseLocation(loadConfig(instance.env))
  if (location.kind === 'sqlite') return () => sqliteFiles(location.path)
  const { pathname } = new URL(location.url)
  const first = await keepWalFiles()
  return () =>
    onCluster(async (client) => {
      await client.query('checkpoint')
      const last = await walFile(client)
      const { rows } = await client.query<{ folder: string; own: string }>(
        `select current_setting('data_directory') as folder, oid::text as own
         from pg_database where datname = current_database()`,
      )
      const { folder = '', own = '' } = rows[0] ?? {}
      if (!existsSync(folder)) throw new Error('The files of PostgreSQL cannot be read from here.')
      const below = await Promise.all(
        [join('base', own), join('base', 'pgsql_tmp'), 'pg_wal'].map((each) =>
          filesBelow(join(folder, each)),
        ),
      )
      const isOlder = (name: string) => {
        const file = name.slice(name.lastIndexOf('/') + 1)
        return name.includes('/pg_wal/') && (file < first || file > last)
      }
      return below.flat().filter(({ name }) => !isOlder(name))
    }, pathname)
}
