import { QueryDefinitionError } from '../errors.ts'
import type { AnyColumn, Columns, NewOf, OnDelete, PatchOf, RowOf } from './column.ts'

/**
 * Who may touch a table's rows, held by PostgreSQL's row security in addition to the predicates of every statement.
 * `private`: the member named in `owner`, and the system. `shared`: everyone reads, the owner and the system write.
 * `internal`: anyone adds (an event, an audit row), only the system reads and changes. `system`: the system alone.
 * `open`: anyone, for rows that tell nothing about anybody.
 */
export type TableAccess =
  | { readonly kind: 'private' | 'shared'; readonly owner: string }
  | { readonly kind: 'internal' | 'system' | 'open' }

/** One index; without a `name` it is called after its table and columns. */
export interface IndexDeclaration {
  readonly kind: 'index' | 'unique' | 'gin' | 'fullText'
  readonly columns: readonly string[]
  readonly name?: string
  /** SQL that both engines read alike, e.g. `used_at is null`. */
  readonly where?: string
}

/** A CHECK on whole rows, called after its table and `name`. */
export interface CheckDeclaration {
  readonly name: string
  /** SQL that both engines read alike. */
  readonly expression: string
}

/** A foreign key of several columns; one of a single column is declared with `references`. */
export interface ForeignKeyDeclaration {
  readonly columns: readonly string[]
  readonly table: string
  readonly references: readonly string[]
  readonly onDelete: OnDelete
}

/** What a table is beside its columns. */
export interface TableOptions {
  readonly access: TableAccess
  readonly primaryKey?: readonly string[]
  readonly indexes?: readonly IndexDeclaration[]
  readonly checks?: readonly CheckDeclaration[]
  readonly foreignKeys?: readonly ForeignKeyDeclaration[]
  /** The serving role may add and read rows, never change or delete them. */
  readonly isAppendOnly?: boolean
  /** It belongs to the audit log, which on PostgreSQL a role for auditors may read. */
  readonly isLog?: boolean
}

/** A declared table; everything else about it (types, DDL, codecs, drift check) is derived from this. */
export interface Table<Name extends string, C extends Columns> extends TableOptions {
  readonly name: Name
  readonly columns: C
  readonly primaryKey: readonly string[]
  readonly indexes: readonly Required<Omit<IndexDeclaration, 'where'>>[] & readonly IndexDeclaration[]
}

/** Any table, for code that walks declarations. */
export type AnyTable = Table<string, Columns>
/** What a read gives. */
export type Row<T> = T extends { readonly columns: infer C } ? RowOf<C> : never
/** What an insert takes. */
export type NewRow<T> = T extends { readonly columns: infer C } ? NewOf<C> : never
/** What an update takes. */
export type Patch<T> = T extends { readonly columns: infer C } ? PatchOf<C> : never

/** An ordinary index on these columns, in this order. */
export const index = (...columns: string[]): IndexDeclaration => ({ kind: 'index', columns })
/** A unique index on these columns. */
export const unique = (...columns: string[]): IndexDeclaration => ({ kind: 'unique', columns })
/** Serves `arrayContains` and `arrayOverlaps` on PostgreSQL; SQLite scans. */
export const gin = (column: string): IndexDeclaration => ({ kind: 'gin', columns: [column] })
/** Serves `matchesWords` on a `searchText` column: FTS5 on SQLite, a GIN index on PostgreSQL. */
export const fullText = (column: string): IndexDeclaration => ({ kind: 'fullText', columns: [column] })

function requireColumns(table: string, columns: Columns, names: readonly string[]): void {
  for (const name of names) {
    if (!Object.hasOwn(columns, name)) throw new QueryDefinitionError(`Table ${table} has no column ${name}.`)
  }
}

/** Declares a table once. Throws when an index, key or owner names a column that is not there. */
export function defineTable<const Name extends string, C extends Columns>(
  name: Name,
  columns: C,
  options: TableOptions,
): Table<Name, C> {
  const entries: [string, AnyColumn][] = Object.entries(columns)
  const ownKey = entries.filter(([, column]) => column.facts.isPrimaryKey).map(([key]) => key)
  const primaryKey = options.primaryKey ?? ownKey
  if (primaryKey.length === 0) throw new QueryDefinitionError(`Table ${name} has no primary key.`)
  const indexes = (options.indexes ?? []).map((entry) => ({
    ...entry,
    name: entry.name ?? `idx_${name}_${entry.columns.join('_')}`,
  }))
  requireColumns(name, columns, [
    ...primaryKey,
    ...indexes.flatMap((entry) => entry.columns),
    ...('owner' in options.access ? [options.access.owner] : []),
    ...entries.flatMap(([, { facts }]) => [
      ...(facts.boundTo ?? []),
      ...(facts.boundVersion ? [facts.boundVersion] : []),
    ]),
    ...(options.foreignKeys ?? []).flatMap((key) => key.columns),
  ])
  return { ...options, name, columns, primaryKey, indexes }
}
