/** What SQLite's driver takes and gives for one value. */
export type SqliteValue = string | number | null | Uint8Array

/** The engines that a declaration is turned into. */
export type Dialect = 'sqlite' | 'postgres'

/** The kinds of value a column can hold. */
export type ValueKind =
  | 'uuid'
  | 'text'
  | 'canonical'
  | 'search'
  | 'integer'
  | 'bigint'
  | 'money'
  | 'decimal'
  | 'double'
  | 'boolean'
  | 'timestamptz'
  | 'date'
  | 'jsonb'
  | 'array'
  | 'enum'
  | 'bytes'
  | 'sealed'

/**
 * How one kind of value lives in both engines. The promise: `decode(encode(v))` equals `check(v)` on either engine, for
 * every `v` that `check` accepts.
 */
export interface ValueType<T> {
  readonly kind: ValueKind
  /** The column type on PostgreSQL, e.g. `varchar(50)[]`. */
  readonly postgres: string
  /**
   * The declared type on SQLite. Its first word is the kind; it ends in a word that gives the right affinity, because
   * SQLite reads `uuid` or `jsonb` alone as NUMERIC (https://www.sqlite.org/datatype3.html section 3.1).
   */
  readonly sqlite: string
  /** Returns the value in its one stored form, or throws `InvalidValueError`. */
  check(value: unknown): T
  toSqlite(value: T): SqliteValue
  /** Left out where the driver's own value is already right. */
  fromSqlite?(raw: SqliteValue): T
  /** Text-format parameter of the PostgreSQL protocol, or bytes for `bytea`. */
  toPostgres(value: T): string | Buffer
  /** From the text format; left out where the text is already right. */
  fromPostgres?(text: string): T
  /** The type of one field of a JSON object; none when the declared shape has no such field. */
  field?(name: string): ValueType<unknown> | undefined
  /** The CHECK that holds the kind's limits, for a column written as `column`; none where the type itself does. */
  constraint?(dialect: Dialect, column: string): string
}
