import type { ColumnType } from 'kysely'
import type { Static, TSchema } from 'typebox'
import { arrayType, bytesType, enumType, jsonbType, searchType } from './composite-types.ts'
import {
  bigintValueType,
  booleanType,
  canonicalType,
  dateType,
  decimalType,
  doubleType,
  integerValueType,
  moneyType,
  textType,
  timestamptzType,
  uuidType,
} from './scalar-types.ts'
import type { ValueType } from './value-type.ts'

/** What becomes of a row when the row it points at is deleted. */
export type OnDelete = 'cascade' | 'set null' | 'restrict'

interface ColumnFacts<T> {
  readonly type: ValueType<T>
  readonly isNullable: boolean
  readonly defaultValue?: T
  readonly isPrimaryKey: boolean
  readonly reference?: { readonly table: string; readonly column: string; readonly onDelete: OnDelete }
  /** For `sealed` columns: the names of the row's columns that the seal is bound to. */
  readonly boundTo?: readonly string[]
  /** For `sealed` columns: the column that counts the values this one has had. */
  readonly boundVersion?: string
}

/**
 * One declared column. `Select` is what a row holds, `Insert` what a new row takes (`undefined` in it: may be left out).
 * Immutable: each method returns a changed copy.
 */
export class Column<Select, Insert> {
  declare readonly $select: Select
  declare readonly $insert: Insert
  readonly facts: ColumnFacts<NonNullable<Select>>

  constructor(facts: ColumnFacts<NonNullable<Select>>) {
    this.facts = facts
  }

  /** May be null; a new row may leave it out. */
  nullable(): Column<Select | null, Insert | null | undefined> {
    return new Column<Select | null, Insert | null | undefined>({ ...this.facts, isNullable: true })
  }

  /** The value of a new row that leaves the column out; written into the DDL of both engines. */
  default(value: NonNullable<Select>): Column<Select, Insert | undefined> {
    return new Column<Select, Insert | undefined>({ ...this.facts, defaultValue: value })
  }

  primaryKey(): Column<Select, Insert> {
    return new Column<Select, Insert>({ ...this.facts, isPrimaryKey: true })
  }

  /** A foreign key; the table is named, not imported, so that modules to the right may point at modules to the left. */
  references(table: string, column: string, onDelete: OnDelete): Column<Select, Insert> {
    return new Column<Select, Insert>({ ...this.facts, reference: { table, column, onDelete } })
  }
}

/** A column of any value type; the named kinds below are what tables are declared with. */
export function column<T>(type: ValueType<T>): Column<T, T> {
  return new Column<T, T>({ type: narrow(type), isNullable: false, isPrimaryKey: false })
}

/** Value types never hold null; this tells the compiler so. */
function narrow<T>(type: ValueType<T>): ValueType<NonNullable<T>> {
  return type as ValueType<NonNullable<T>>
}

/** A UUID in lower case: `uuid` on PostgreSQL, checked text on SQLite. */
export const uuid = () => column(uuidType)
/** Text of at most `max` code points, the same number as in the wire schema. */
export const text = (max: number) => column(textType(max))
/** Text compared without case or width; stored in canonical form. */
export const canonical = (max: number) => column(canonicalType(max))
/** Words for full-text search, at most `max` characters of them; declare a `fullText` index on it. */
export const searchText = (max: number) => column(searchType(max))
/** A whole number of 32 bits, without the smallest. */
export const integer = () => column(integerValueType)
/** A whole number within ±(2^53 - 1), as a JavaScript number. */
export const bigint = () => column(bigintValueType)
/** Minor units of the currency in a column beside it. */
export const money = () => column(moneyType)
/** An exact decimal number, as text. */
export const decimal = () => column(decimalType)
/** A finite binary floating-point number of 64 bits. */
export const double = () => column(doubleType)
/** `true` or `false`. */
export const boolean = () => column(booleanType)
/** An instant to the millisecond, as a `Date`. */
export const timestamptz = () => column(timestamptzType)
/** A day without a time zone, as `2026-01-31`. */
export const date = () => column(dateType)
/** A JSON document of the shape that `schema` says. */
export const jsonb = <S extends TSchema>(schema: S): Column<Static<S>, Static<S>> => column(jsonbType(schema))
/** One of a few words, held by a CHECK. */
export const enumOf = <const V extends string>(values: readonly V[]) => column(enumType(values))
/** At most `max` bytes. */
export const bytes = (max: number) => column(bytesType(max))
/** A list of the element column's kind; the element's limits hold for each item. */
export const array = <T extends string | number>(element: Column<T, T>): Column<readonly T[], readonly T[]> =>
  column(arrayType<T>(element.facts.type as ValueType<T>))
/**
 * An envelope made by the sealer, never plaintext. `boundTo` names the columns of the row that are sealed in (its id, its
 * owner, then what else must not change, such as an environment), so that an envelope moved to another row, owner or
 * environment does not open. `version` names the column of the row that counts its values, so that an older one does not
 * open either; without one every value is version 1. `bindingOf` reads both.
 */
export const sealed = (
  boundTo: readonly [record: string, owner: string, ...context: string[]],
  { version }: { readonly version?: string } = {},
) =>
  new Column<Uint8Array, Uint8Array>({
    type: bytesType(65_536, 'sealed', 64),
    isNullable: false,
    isPrimaryKey: false,
    boundTo,
    ...(version === undefined ? {} : { boundVersion: version }),
  })

/** Any column, for code that walks declarations. */
export type AnyColumn = Column<unknown, unknown>
/** The columns of a table by name. */
export type Columns = Readonly<Record<string, AnyColumn>>

type SelectOf<C> = C extends Column<infer S, unknown> ? S : never
type InsertOf<C> = C extends { readonly $insert: infer I } ? I : never
type OptionalKeys<C> = { [K in keyof C]: undefined extends InsertOf<C[K]> ? K : never }[keyof C]

/** What a read gives for a table with these columns. */
export type RowOf<C> = { [K in keyof C]: SelectOf<C[K]> }
/** What an insert takes: nullable columns and columns with a default may be left out. */
export type NewOf<C> = { [K in Exclude<keyof C, OptionalKeys<C>>]: InsertOf<C[K]> } & {
  [K in OptionalKeys<C>]?: InsertOf<C[K]>
}
/** What an update takes; `undefined` leaves a column as it is. */
export type PatchOf<C> = { [K in keyof C]?: SelectOf<C[K]> | undefined }
/** The table type Kysely builds with. */
export type KyselyTable<C> = { [K in keyof C]: ColumnType<SelectOf<C[K]>, InsertOf<C[K]>, SelectOf<C[K]>> }
