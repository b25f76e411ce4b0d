import { chmod, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../clock.ts'
import { makePrivateFolder } from '../../files/make-private-folder.ts'
import { syncFolder } from '../../files/sync-folder.ts'
import { writePrivateFile } from '../../files/write-private-file.ts'
import { CopyError } from '../copy/copy-error.ts'
import { requireSameVersion } from '../copy/fill-database.ts'
import type { CopyProgress } from '../copy/fill-tables.ts'
import { portableRows } from '../copy/portable-row.ts'
import { RowChecksum } from '../copy/row-checksum.ts'
import { openDatabaseSource, type RowSource } from '../copy/row-source.ts'
import type { Schema } from '../copy/schema.ts'
import type { StoredRow } from '../copy/stored-row.ts'
import type { DatabaseLocation } from '../open-database.ts'
import type { AnyTable } from '../schema/table.ts'
import { type BackupManifest, type BackupTable, MANIFEST_FILE, manifestHead } from './backup-manifest.ts'
import { writeLines } from './write-table-file.ts'

/** What a backup is taken of and told with. */
export interface BackupOptions {
  readonly location: DatabaseLocation
  readonly schema: Schema
  readonly clock: Clock
  /** Reads the id of the key from a sealed value. */
  readonly keyIdOf: (sealed: Uint8Array) => string
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

async function emptyFolder(folder: string): Promise<void> {
  makePrivateFolder(folder)
  if ((await readdir(folder)).length > 0) {
    throw new CopyError(`The folder ${folder} is not empty; give each backup a folder of its own.`)
  }
  await chmod(folder, 0o700)
}

function sealedValuesOf(table: AnyTable): (row: StoredRow) => Uint8Array[] {
  const names = Object.entries(table.columns)
    .filter(([, { facts }]) => facts.type.kind === 'sealed')
    .map(([name]) => name)
  return (row) => names.map((name) => row[name]).filter((value) => value instanceof Uint8Array)
}

class BackupWriter {
  readonly #folder: string
  readonly #source: RowSource
  readonly #options: BackupOptions
  readonly sealedWith: Record<string, number> = {}

  constructor(folder: string, source: RowSource, options: BackupOptions) {
    this.#folder = folder
    this.#source = source
    this.#options = options
  }

  async writeTable(table: AnyTable): Promise<BackupTable> {
    const checksum = new RowChecksum()
    const file = `${table.name}.jsonl.gz`
    const written = await writeLines(join(this.#folder, file), this.#linesOf(table, checksum))
    return {
      name: table.name,
      columns: Object.keys(table.columns),
      rows: checksum.rows,
      checksum: checksum.digest(),
      file,
      ...written,
    }
  }

  async *#linesOf(table: AnyTable, checksum: RowChecksum): AsyncGenerator<string> {
    const { keyIdOf, onProgress, signal } = this.#options
    const total = await this.#source.count(table)
    const portable = portableRows(table)
    const sealedValues = sealedValuesOf(table)
    for await (const rows of this.#source.rows(table)) {
      signal?.throwIfAborted()
      for (const row of rows) {
        const line = portable.toLine(row)
        checksum.add(line)
        for (const sealed of sealedValues(row)) {
          const id = keyIdOf(sealed)
          this.sealedWith[id] = (this.sealedWith[id] ?? 0) + 1
        }
        yield line
      }
      onProgress?.({ step: 'copy', table: table.name, rows: checksum.rows, total })
    }
  }
}

async function writeManifest(folder: string, manifest: BackupManifest): Promise<void> {
  const draft = join(folder, `${MANIFEST_FILE}.new`)
  await writePrivateFile(draft, `${JSON.stringify(manifest, null, 2)}\n`)
  await rename(draft, join(folder, MANIFEST_FILE))
  await syncFolder(folder)
}

/**
 * Writes the database as it is at this moment into an empty folder, while it goes on serving: one compressed file of JSON
 * lines per table, the same from either engine, and a manifest. Files are for their owner alone; keys are not among them.
 * What a failure leaves is taken away; a kill leaves a folder without a manifest, which `restoreBackup` refuses.
 */
export async function writeBackup(folder: string, options: BackupOptions): Promise<BackupManifest> {
  const source = await openDatabaseSource(options.location)
  try {
    await requireSameVersion(source, options.schema)
    await emptyFolder(folder)
    return await writeInto(folder, source, options)
  } finally {
    await source.close()
  }
}

async function writeInto(folder: string, source: RowSource, options: BackupOptions) {
  const writer = new BackupWriter(folder, source, options)
  const tables: BackupTable[] = []
  try {
    for (const table of options.schema.tables) tables.push(await writer.writeTable(table))
    const manifest: BackupManifest = {
      ...manifestHead,
      created_at: options.clock.now().toISOString(),
      engine: source.dialect,
      migrations: [...(await source.applied())],
      tables,
      sealed_with: writer.sealedWith,
    }
    await writeManifest(folder, manifest)
    return manifest
  } catch (error) {
    for (const name of await readdir(folder)) await rm(join(folder, name))
    throw error
  }
}
