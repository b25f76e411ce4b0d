import { createHash } from 'node:crypto'
import { Type } from 'typebox'
import { loadOrder } from '../platform/db/copy/load-order.ts'
import { rowEncoder, type StoredRow } from '../platform/db/copy/stored-row.ts'
import {
  type AnyColumn,
  type AnyTable,
  type Columns,
  type Dialect,
  jsonb,
  type Migration,
} from '../platform/db/index.ts'
import { statementsOf } from '../platform/db/migrate/migration.ts'
import { placeholder, quoteName } from '../platform/db/schema/quote.ts'
import { tables } from '../schema.ts'
import type { RawQuery } from './owner-queries.ts'

/** So many rows of each table, all different; one of them leaves out what may be left out. */
const ROWS = 3
const SPARSE = 1
const START = Date.parse('2026-11-21T12:00:00.000Z')

/** Columns that earlier steps had and today's declarations do not. */
const PAST: Readonly<Record<string, Columns>> = {
  users: { backup_codes: jsonb(Type.Array(Type.String())) },
}

/** What stands in columns whose kind does not tell. */
const CHOSEN: Readonly<Record<string, (n: number) => unknown>> = {
  'audit_events.details': (n) => ({ count: n }),
  'audit_events.result': () => 'refused',
  'jobs.payload': (n) => (n === SPARSE ? null : { to: n }),
  'jobs.sealed_payload': (n) => (n === SPARSE ? digest(n, 'payload') : null),
  'passkey_challenges.ceremony': () => 'sign_in',
  'sessions.revocation_reason': () => 'logout',
  'throttle_counters.recent': (n) => [START + n],
  'user_credentials.environment': (n) => (n === SPARSE ? 'live' : 'paper'),
  'user_credentials.last_validation': () => 'rejected',
  'users.backup_codes': (n) => [`code ${n}`],
  'users.password_hash': (n) => `$${n}`,
}

const digest = (n: number, ...words: string[]) => {
  const hash = createHash('sha256')
    .update(JSON.stringify([n, ...words]))
    .digest()
  return new Uint8Array(Buffer.concat([hash, hash]))
}

function uuidFor(n: number, where: string): string {
  const hex = Buffer.from(digest(n, where)).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

const ofKind: Readonly<Record<string, (n: number, where: string) => unknown>> = {
  uuid: uuidFor,
  text: (n) => `Ä'${n}`,
  canonical: (n) => `ä'${n}`,
  integer: (n) => n + 1,
  bigint: (n) => n + 2 ** 40,
  boolean: (n) => n % 2 === 0,
  timestamptz: (n) => new Date(START + n),
  date: (n) => `2000-02-0${n + 1}`,
  jsonb: (n) => ({ n }),
  array: (n) => [`"${n}"`, '\\'],
  bytes: (n, where) => digest(n, where).subarray(0, 32),
  sealed: (n, where) => digest(n, where),
}

const isSparse = ({ facts }: AnyColumn, n: number) => facts.isNullable && n === SPARSE

/** Whose row, and which column of it, a column points at. The second column that points there points at the next row. */
function targetOf(table: AnyTable, name: string, n: number) {
  for (const key of table.foreignKeys ?? []) {
    const column = key.references[key.columns.indexOf(name)]
    if (column !== undefined) return { table: tableOf(key.table), column, n }
  }
  const reference = table.columns[name]?.facts.reference
  if (reference === undefined) return undefined
  const pointing = Object.keys(table.columns).filter(
    (each) => table.columns[each]?.facts.reference?.table === reference.table,
  )
  const row = reference.table === table.name ? n : (n + pointing.indexOf(name)) % ROWS
  return { table: tableOf(reference.table), column: reference.column, n: row }
}

function tableOf(name: string): AnyTable {
  const found = tables.find((table) => table.name === name)
  if (found === undefined) throw new Error(`The table ${name} is not declared.`)
  return { ...found, columns: { ...found.columns, ...PAST[name] } }
}

function cellOf(table: AnyTable, name: string, n: number): unknown {
  const where = `${table.name}.${name}`
  const column = table.columns[name]
  if (column === undefined) throw new Error(`${where} is not declared today: declare it in PAST.`)
  const target = targetOf(table, name, n)
  const chosen = CHOSEN[where]?.(n)
  if (chosen === null || (chosen === undefined && isSparse(column, n))) return null
  if (target !== undefined) return cellOf(target.table, target.column, target.n)
  const { type, defaultValue } = column.facts
  const value = chosen ?? ofKind[type.kind]?.(n, where) ?? defaultValue
  if (value === undefined) throw new Error(`Nothing is known for ${where}: say in CHOSEN what stands there.`)
  return type.check(value)
}

/** Rows of the table with these columns, the same ones each time: whatever the database made of them can be held against them. */
export function rowsOf(name: string, columns: readonly string[]): StoredRow[] {
  const table = tableOf(name)
  return Array.from({ length: ROWS }, (_, n) =>
    Object.fromEntries(columns.map((column) => [column, cellOf(table, column, n)])),
  )
}

/** The tables that there are after these migrations. */
export function tablesAfter(list: readonly Migration[]): AnyTable[] {
  const statements = list.flatMap(({ steps }) => steps.flatMap((step) => statementsOf(step, 'sqlite')))
  return tables.filter(({ name }) => statements.some((text) => text.startsWith(`create table "${name}"`)))
}

/** The columns of each table of ours that a database has now. */
export type Shape = ReadonlyMap<string, readonly string[]>

const COLUMNS = {
  sqlite: `select t.name as "table", c.name as "column" from sqlite_schema t, pragma_table_info(t.name) c where t.type = 'table' and t.name not like 'sqlite!_%' escape '!'`,
  postgres: `select table_name as "table", column_name as "column" from information_schema.columns where table_schema = 'public' order by table_name, ordinal_position`,
}

/** Which tables and columns there are, the history apart. */
export async function shapeOf(query: RawQuery, dialect: Dialect): Promise<Shape> {
  const shape = new Map<string, string[]>()
  for (const { table, column } of await query(COLUMNS[dialect])) {
    const name = String(table)
    if (name !== 'outcry_migrations') shape.set(name, [...(shape.get(name) ?? []), String(column)])
  }
  return shape
}

/** Puts rows into every table that is there and empty. Fails when one is there that nothing declares. */
export async function fillEveryTable(query: RawQuery, dialect: Dialect, shape: Shape): Promise<void> {
  const order = loadOrder(tables).map(({ table }) => table.name)
  const unknown = [...shape.keys()].filter((name) => !order.includes(name))
  if (unknown.length > 0) throw new Error(`No declaration tells what stands in ${unknown.join(', ')}.`)
  await query('begin')
  for (const name of order.filter((each) => shape.has(each))) {
    if ((await query(`select 1 from ${quoteName(name)}`)).length > 0) continue
    const columns = shape.get(name) ?? []
    const encode = rowEncoder(dialect, tableOf(name), columns)
    const marks = columns.map((_, i) => placeholder(dialect, i)).join(', ')
    const insertion = `insert into ${quoteName(name)} (${columns.map(quoteName).join(', ')}) values (${marks})`
    for (const row of rowsOf(name, columns)) await query(insertion, encode(row))
  }
  await query('commit')
}
