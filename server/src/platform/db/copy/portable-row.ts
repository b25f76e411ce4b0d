import type { AnyTable } from '../schema/table.ts'
import type { ValueKind } from '../schema/value-type.ts'
import { CopyError } from './copy-error.ts'
import type { StoredRow } from './stored-row.ts'

/** Turns rows of one table into lines of JSON that are the same whatever engine they come from, and back. */
export interface PortableRows {
  toLine(row: StoredRow): string
  /** Throws `CopyError` for a line that is not a row of this table. */
  fromLine(line: string): StoredRow
}

type Convert = (value: unknown) => unknown

/** PostgreSQL keeps the keys of a document in an order of its own. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([key, field]) => [key, sortKeys(field)]))
}

const toBase64: Convert = (value) =>
  value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
    : value
const fromBase64: Convert = (value) => new Uint8Array(Buffer.from(String(value), 'base64'))

/** Every other kind is the same value in JSON; a `Date` writes itself as RFC 3339. */
const WRITE: Partial<Record<ValueKind, Convert>> = { jsonb: sortKeys, bytes: toBase64, sealed: toBase64 }
const READ: Partial<Record<ValueKind, Convert>> = {
  timestamptz: (value) => new Date(String(value)),
  bytes: fromBase64,
  sealed: fromBase64,
}

/** The line format of one table: a JSON list of its values in the order of its columns. */
export function portableRows(table: AnyTable): PortableRows {
  const columns = Object.entries(table.columns).map(([name, { facts }]) => ({
    name,
    write: WRITE[facts.type.kind],
    read: READ[facts.type.kind],
  }))
  return {
    toLine(row) {
      const values: unknown[] = []
      for (const { name, write } of columns) {
        const value = row[name]
        values.push(write && value !== null ? write(value) : value)
      }
      return JSON.stringify(values)
    },
    fromLine(line) {
      const values = parseList(line, table.name)
      if (values.length !== columns.length) {
        throw new CopyError(
          `A row of ${table.name} has ${values.length} values instead of ${columns.length}.`,
        )
      }
      const row: Record<string, unknown> = {}
      for (const [i, { name, read }] of columns.entries()) {
        const value = values[i]
        row[name] = read && value !== null ? read(value) : value
      }
      return row
    },
  }
}

function parseList(line: string, table: string): unknown[] {
  try {
    const values: unknown = JSON.parse(line)
    if (Array.isArray(values)) return values
  } catch {
    // the parser's message quotes the line, which holds members' data
  }
  throw new CopyError(`A row of ${table} cannot be read; the backup is damaged.`)
}
