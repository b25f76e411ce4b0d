import { type SealBinding, type Sealer, SealIntegrityError } from '../platform/crypto/sealed.ts'
import { type ReplaceValue, valueReplacer } from '../platform/db/copy/replace-value.ts'
import { openDatabaseSource } from '../platform/db/copy/row-source.ts'
import type { AnyTable, DatabaseLocation, Db, Tx } from '../platform/db/index.ts'
import { sealedKeyId } from './sealed-key-id.ts'

const BATCH = 200 // a transaction of this many holds up nobody

/** One sealed value where it stands. */
export interface SealedValue {
  readonly table: AnyTable
  readonly column: string
  readonly row: Readonly<Record<string, unknown>>
  readonly sealed: Uint8Array
  readonly keyId: string
}

function sealedColumnsOf(table: AnyTable): string[] {
  return Object.entries(table.columns)
    .filter(([, { facts }]) => facts.type.kind === 'sealed')
    .map(([name]) => name)
}

function keyIdIn(sealed: Uint8Array): string {
  try {
    return sealedKeyId(sealed)
  } catch (error) {
    if (error instanceof SealIntegrityError) return 'damaged'
    throw error
  }
}

/** Every sealed value of the database as it is at this moment. */
export async function* sealedValues(
  location: DatabaseLocation,
  tables: readonly AnyTable[],
): AsyncGenerator<SealedValue> {
  const source = await openDatabaseSource(location)
  try {
    for (const table of tables) {
      const columns = sealedColumnsOf(table)
      if (columns.length === 0) continue
      for await (const rows of source.rows(table, columns)) {
        for (const row of rows) {
          for (const column of columns) {
            const sealed = row[column]
            if (sealed instanceof Uint8Array) yield { table, column, row, sealed, keyId: keyIdIn(sealed) }
          }
        }
      }
    }
  } finally {
    await source.close()
  }
}

/** How many values each key seals; `damaged` stands for values without a readable key id. */
export async function countByKey(
  location: DatabaseLocation,
  tables: readonly AnyTable[],
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  for await (const { keyId } of sealedValues(location, tables))
    counts.set(keyId, (counts.get(keyId) ?? 0) + 1)
  return counts
}

/** The place a value is sealed to: its record and owner as the column declares them. */
function bindingOf({ table, column, row }: SealedValue): SealBinding {
  const [record = '', owner = ''] = table.columns[column]?.facts.boundTo ?? []
  return {
    table: table.name,
    record: String(row[record]),
    owner: String(row[owner]),
    field: column,
    version: 1,
  }
}

/** What a pass over all sealed values did; `refused` are those that do not open where they stand. */
export interface Rewrapped {
  readonly moved: number
  readonly refused: readonly string[]
}

function placeOf({ table, column, row }: SealedValue): string {
  return `${table.name}.${column} of ${table.primaryKey.map((name) => String(row[name])).join(', ')}`
}

/** One compare-and-swap per sealed column. */
function createReplacer() {
  const replacers = new Map<string, ReplaceValue>()
  return (tx: Tx, { table, column, row }: SealedValue, rewrapped: Uint8Array): Promise<boolean> => {
    const name = `${table.name}.${column}`
    const replace = replacers.get(name) ?? valueReplacer(table, column)
    replacers.set(name, replace)
    return replace(tx, row, rewrapped)
  }
}

export interface RewrapOptions {
  readonly db: Db
  readonly location: DatabaseLocation
  readonly tables: readonly AnyTable[]
  readonly sealer: Sealer
  readonly currentId: string
  readonly signal: AbortSignal
  readonly onBatch: (moved: number) => void
}

/**
 * Seals every value's data key with the current key. A value that changes meanwhile is left alone, one that does not open is
 * named and left as it is. May be stopped or killed at any moment and run again.
 */
export async function rewrapAll(options: RewrapOptions): Promise<Rewrapped> {
  const { db, location, tables, sealer, currentId, signal, onBatch } = options
  const replace = createReplacer()
  const refused: string[] = []
  let moved = 0
  let batch: { value: SealedValue; rewrapped: Uint8Array }[] = []
  const write = async () => {
    const ready = batch
    batch = []
    await db.withSystem(async (tx) => {
      for (const { value, rewrapped } of ready) if (await replace(tx, value, rewrapped)) moved++
    })
    onBatch(moved)
  }
  for await (const value of sealedValues(location, tables)) {
    signal.throwIfAborted()
    if (value.keyId === currentId) continue
    try {
      batch.push({ value, rewrapped: sealer.rewrap(bindingOf(value), value.sealed) })
    } catch {
      refused.push(placeOf(value)) // damaged, or its key is gone: the error itself says no more
    }
    if (batch.length >= BATCH) await write()
  }
  if (batch.length > 0) await write()
  return { moved, refused }
}
