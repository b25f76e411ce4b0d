import { setTimeout as pause } from 'node:timers/promises'
import type { KeySet, SecretKey } from '../../crypto/key-ring.ts'
import { createSealer, SealIntegrityError, UnknownKeyError } from '../../crypto/sealed.ts'
import { readRows } from '../copy/read-rows.ts'
import { type ReplaceValue, valueReplacer } from '../copy/replace-value.ts'
import type { StoredRow } from '../copy/stored-row.ts'
import { bindingOf } from '../schema/seal-binding.ts'
import type { AnyTable } from '../schema/table.ts'
import { type Db, READ } from '../session.ts'
import { sealedColumnsOf } from './sealed-columns.ts'

const PAGE_ROWS = 250
const BATCH = 100 // a transaction of this many holds up nobody

/** What a pass over all sealed values did. */
export interface Rewrapped {
  /** How many values it moved to the current key. */
  readonly moved: number
  /** Where a value does not open; it was left as it is. */
  readonly refused: readonly string[]
}

export interface RewrapOptions {
  readonly db: Db
  readonly tables: readonly AnyTable[]
  /** The keys that seal the values of these tables. */
  readonly keys: KeySet<SecretKey>
  readonly signal?: AbortSignal | undefined
  /** Told after each batch how many values were moved so far. */
  readonly onBatch?: (moved: number) => void
}

interface Move {
  readonly replace: ReplaceValue
  readonly row: StoredRow
  readonly rewrapped: Uint8Array
}

function columnsNeeded(table: AnyTable, sealedColumns: readonly string[]): string[] {
  const bound = sealedColumns.flatMap((column) => {
    const { boundTo = [], boundVersion } = table.columns[column]?.facts ?? {}
    return boundVersion === undefined ? boundTo : [...boundTo, boundVersion]
  })
  return [...new Set([...table.primaryKey, ...bound, ...sealedColumns])]
}

/** Finds what is to be moved in one table, a page at a time. */
async function* movesIn(
  table: AnyTable,
  { db, keys }: RewrapOptions,
  refused: string[],
): AsyncGenerator<Move[]> {
  const columns = sealedColumnsOf(table)
  if (columns.length === 0) return
  const sealer = createSealer(keys)
  const replacers = columns.map((column) => ({ column, replace: valueReplacer(table, column) }))
  const placeOf = (column: string, row: StoredRow) =>
    `${table.name}.${column} of ${table.primaryKey.map((name) => String(row[name])).join(', ')}`
  const moveOf = (column: string, row: StoredRow): Uint8Array | undefined => {
    const sealed = row[column]
    if (!(sealed instanceof Uint8Array)) return undefined
    try {
      if (sealer.keyIdOf(sealed) === keys.current.id) return undefined
      return sealer.rewrap(bindingOf(table, column, { row }), sealed)
    } catch (error) {
      if (!(error instanceof SealIntegrityError || error instanceof UnknownKeyError)) throw error
      refused.push(placeOf(column, row)) // damaged, or its key is gone: the error itself says no more
      return undefined
    }
  }
  const pages = { columns: columnsNeeded(table, columns), pageRows: PAGE_ROWS }
  for await (const rows of readRows(db.asSystem()[READ], table, pages)) {
    yield rows.flatMap((row) =>
      replacers.flatMap(({ column, replace }) => {
        const rewrapped = moveOf(column, row)
        return rewrapped ? [{ replace, row, rewrapped }] : []
      }),
    )
  }
}

function moveBatch(db: Db, batch: readonly Move[]): Promise<number> {
  return db.withSystem(async (tx) => {
    const replaced = await Promise.all(
      batch.map(({ replace, row, rewrapped }) => replace(tx, row, rewrapped)),
    )
    return replaced.filter(Boolean).length
  })
}

/**
 * Seals every value's data key with the current key, once through all tables in small transactions; between two of them it
 * rests as long as the last one took, so that others get their turn. Each value is replaced only if it is still the one
 * that was read, so any number of these may run at once, beside everything else, be killed and begin again. Throws when the
 * signal fires.
 */
export async function rewrapValues(options: RewrapOptions): Promise<Rewrapped> {
  const { db, tables, signal, onBatch } = options
  const refused: string[] = []
  let moved = 0
  for (const table of tables) {
    for await (const moves of movesIn(table, options, refused)) {
      for (let at = 0; at < moves.length; at += BATCH) {
        signal?.throwIfAborted()
        const startedAt = performance.now()
        moved += await moveBatch(db, moves.slice(at, at + BATCH))
        onBatch?.(moved)
        await pause(performance.now() - startedAt, undefined, { signal })
      }
      signal?.throwIfAborted()
    }
  }
  return { moved, refused }
}
