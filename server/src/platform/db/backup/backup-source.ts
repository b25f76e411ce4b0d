import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { CopyError } from '../copy/copy-error.ts'
import { portableRows } from '../copy/portable-row.ts'
import type { RowSource } from '../copy/row-source.ts'
import type { StoredRow } from '../copy/stored-row.ts'
import type { AnyTable } from '../schema/table.ts'
import type { BackupManifest, BackupTable } from './backup-manifest.ts'

const PAGE_ROWS = 1_000

async function* linesOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path)
  const text = createGunzip().setEncoding('utf8')
  file.on('error', (error) => text.destroy(error)) // pipe does not hand errors on
  file.pipe(text)
  let rest = ''
  for await (const chunk of text) {
    const lines = `${rest}${String(chunk)}`.split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

async function* pagesOf(
  path: string,
  table: AnyTable,
  having: readonly string[],
): AsyncGenerator<StoredRow[]> {
  const portable = portableRows(table)
  let page: StoredRow[] = []
  for await (const line of linesOf(path)) {
    const row = portable.fromLine(line)
    if (having.length > 0 && having.every((name) => row[name] === null)) continue
    if (page.push(row) < PAGE_ROWS) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}

async function verifyFile(folder: string, { file, bytes, sha256 }: BackupTable): Promise<void> {
  const path = join(folder, file)
  const hash = createHash('sha256')
  let found = 0
  try {
    await pipeline(createReadStream(path), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        hash.update(chunk)
        found += chunk.length
      }
    })
  } catch (cause) {
    throw new CopyError(`The file ${path} of the backup is missing or cannot be read.`, { cause })
  }
  if (found !== bytes || hash.digest('hex') !== sha256) {
    throw new CopyError(`The file ${path} is not as it was written; use another backup.`)
  }
}

/** Throws `CopyError` unless every file is as the manifest says. */
export async function verifyFiles(folder: string, manifest: BackupManifest): Promise<void> {
  for (const table of manifest.tables) await verifyFile(folder, table)
}

/** The rows of a backup whose files were verified. */
export function openBackupSource(folder: string, manifest: BackupManifest): RowSource {
  const entryOf = (table: AnyTable): BackupTable => {
    const entry = manifest.tables.find(({ name }) => name === table.name)
    const columns = Object.keys(table.columns)
    if (entry?.columns.length === columns.length && columns.every((name, i) => entry.columns[i] === name)) {
      return entry
    }
    throw new CopyError(`The backup does not hold the table ${table.name} as this version knows it.`)
  }
  return {
    dialect: manifest.engine,
    applied: async () => manifest.migrations,
    count: async (table) => entryOf(table).rows,
    rows: (table, having = []) => pagesOf(join(folder, entryOf(table).file), table, having),
    close: async () => undefined,
  }
}
