import type { AnyTable } from '../schema/table.ts'
import { READ, type Tx } from '../session.ts'
import { CopyError } from './copy-error.ts'
import { type LoadStep, loadOrder } from './load-order.ts'
import { portableRows } from './portable-row.ts'
import { readRows } from './read-rows.ts'
import { RowChecksum } from './row-checksum.ts'
import type { RowSource } from './row-source.ts'
import { rowCompleter, rowInserter } from './write-rows.ts'

/** How far a copy is; `rows` of `total` are done in this step of this table. */
export interface CopyProgress {
  readonly step: 'copy' | 'link' | 'verify'
  readonly table: string
  readonly rows: number
  readonly total: number
}

/** What was copied of one table and found again in the target. */
export interface CopiedTable {
  readonly table: string
  readonly rows: number
  /** Of the decoded values, the same for equal rows on either engine. */
  readonly checksum: string
}

/** What is filled, and how it is watched and stopped. */
export interface FillOptions {
  readonly tables: readonly AnyTable[]
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined
  /** Stops between pages, with nothing copied. */
  readonly signal?: AbortSignal | undefined
}

interface Filling extends FillOptions {
  readonly tx: Tx
  readonly source: RowSource
}

async function copyTable(filling: Filling, { table, later }: LoadStep): Promise<CopiedTable> {
  const { tx, source, onProgress, signal } = filling
  const total = await source.count(table)
  const insert = rowInserter(tx[READ].target.dialect, table, later)
  const portable = portableRows(table)
  const checksum = new RowChecksum()
  let writing: Promise<void> = Promise.resolve()
  for await (const rows of source.rows(table)) {
    signal?.throwIfAborted()
    for (const row of rows) checksum.add(portable.toLine(row))
    await writing
    writing = insert(tx, rows)
    writing.catch(() => undefined) // awaited above or below
    onProgress?.({ step: 'copy', table: table.name, rows: checksum.rows, total })
  }
  await writing
  return { table: table.name, rows: checksum.rows, checksum: checksum.digest() }
}

async function linkTable({ tx, source, onProgress, signal }: Filling, { table, later }: LoadStep) {
  const complete = rowCompleter(tx[READ].target.dialect, table, later)
  let linked = 0
  for await (const rows of source.rows(table, later)) {
    signal?.throwIfAborted()
    await complete(tx, rows)
    linked += rows.length
    onProgress?.({ step: 'link', table: table.name, rows: linked, total: linked })
  }
}

async function verifyTable({ tx, onProgress, signal }: Filling, step: LoadStep, copied: CopiedTable) {
  const portable = portableRows(step.table)
  const checksum = new RowChecksum()
  for await (const rows of readRows(tx[READ], step.table)) {
    signal?.throwIfAborted()
    for (const row of rows) checksum.add(portable.toLine(row))
    onProgress?.({ step: 'verify', table: copied.table, rows: checksum.rows, total: copied.rows })
  }
  if (checksum.rows !== copied.rows) {
    throw new CopyError(`${copied.table} has ${checksum.rows} rows after the copy instead of ${copied.rows}.`)
  }
  if (checksum.digest() !== copied.checksum) {
    throw new CopyError(`The rows of ${copied.table} are not the same after the copy; nothing was kept.`)
  }
}

/**
 * Copies every row of `source` into empty tables and reads all of it back. SQLite looks at references when the transaction
 * commits; PostgreSQL looks at once, so there references to rows that come later are set in a second pass. Throws
 * `CopyError` when a row was not found again as it was.
 */
export async function fillTables(tx: Tx, source: RowSource, options: FillOptions): Promise<CopiedTable[]> {
  const filling: Filling = { ...options, tx, source }
  const isLate = tx[READ].target.dialect === 'sqlite'
  const steps = loadOrder(options.tables).map((step) => (isLate ? { ...step, later: [] } : step))
  const copied = new Map<LoadStep, CopiedTable>()
  for (const step of steps) copied.set(step, await copyTable(filling, step))
  for (const step of steps) if (step.later.length > 0) await linkTable(filling, step)
  for (const [step, result] of copied) await verifyTable(filling, step, result)
  return [...copied.values()]
}
