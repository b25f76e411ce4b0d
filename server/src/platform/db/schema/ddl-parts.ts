import type { AnyColumn } from './column.ts'
import { quoteName, quoteText } from './quote.ts'
import type { AnyTable, IndexDeclaration } from './table.ts'
import type { Dialect, SqliteValue, ValueKind } from './value-type.ts'

const UNQUOTED = new Set<ValueKind>(['integer', 'bigint', 'money'])

function literal(dialect: Dialect, column: AnyColumn, value: unknown): string {
  const { type } = column.facts
  const encoded: SqliteValue | Buffer =
    dialect === 'sqlite' ? type.toSqlite(type.check(value)) : type.toPostgres(type.check(value))
  if (typeof encoded === 'number') return String(encoded)
  if (type.kind === 'boolean') return String(value)
  if (typeof encoded === 'string') return UNQUOTED.has(type.kind) ? encoded : quoteText(encoded)
  throw new TypeError(`A ${type.kind} column cannot have a default.`)
}

/** Text kinds. SQLite compares them byte by byte; so does PostgreSQL then, whatever language its cluster was made for. */
const SORTED_BY_BYTE = new Set(['text', 'canonical', 'enum', 'search'])

/** The constraint's name is fixed by table and column, so that violations and drift can name what they mean. */
export function columnDefinition(
  dialect: Dialect,
  table: string,
  [name, column]: [string, AnyColumn],
): string {
  const { type, isNullable, defaultValue } = column.facts
  const parts = [quoteName(name), type[dialect]]
  if (dialect === 'postgres' && SORTED_BY_BYTE.has(type.kind)) parts.push('collate "C"')
  if (!isNullable) parts.push('not null')
  if (defaultValue !== undefined) parts.push(`default ${literal(dialect, column, defaultValue)}`)
  const constraint = type.constraint?.(dialect, quoteName(name))
  if (constraint) parts.push(`constraint ${quoteName(`${table}_${name}_check`)} check (${constraint})`)
  return parts.join(' ')
}

/** Keys and checks that stand after the columns in CREATE TABLE. */
export function tableConstraints(table: AnyTable): string[] {
  const list = (names: readonly string[]) => names.map(quoteName).join(', ')
  const single = Object.entries(table.columns).flatMap(([name, { facts }]) =>
    facts.reference
      ? [
          {
            columns: [name],
            table: facts.reference.table,
            references: [facts.reference.column],
            onDelete: facts.reference.onDelete,
          },
        ]
      : [],
  )
  return [
    `constraint ${quoteName(`${table.name}_pkey`)} primary key (${list(table.primaryKey)})`,
    ...[...single, ...(table.foreignKeys ?? [])].map(
      (key) =>
        `constraint ${quoteName(`${table.name}_${key.columns.join('_')}_fkey`)} foreign key (${list(key.columns)}) ` +
        `references ${quoteName(key.table)} (${list(key.references)}) on delete ${key.onDelete}`,
    ),
    ...(table.checks ?? []).map(
      (check) => `constraint ${quoteName(`${table.name}_${check.name}_check`)} check (${check.expression})`,
    ),
  ]
}

/** CREATE INDEX of an ordinary or unique index, the same text on both engines. */
export function plainIndex(table: AnyTable, index: IndexDeclaration & { readonly name: string }): string {
  const unique = index.kind === 'unique' ? 'unique ' : ''
  const where = index.where ? ` where ${index.where}` : ''
  return `create ${unique}index ${quoteName(index.name)} on ${quoteName(table.name)} (${index.columns.map(quoteName).join(', ')})${where}`
}
