import { InvalidValueError } from '../errors.ts'
import { formatInstant, parsePostgresInstant, parseSqliteInstant } from './instant.ts'
import type { ValueType } from './value-type.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const DATE = /^\d{4}-\d{2}-\d{2}$/
const DECIMAL = /^-?(?:0|[1-9]\d{0,37})(?:\.\d{1,18})?$/
const INT4_MAX = 2_147_483_647

/** Throws for anything but well-formed text that both engines can store: PostgreSQL knows no NUL. */
export function checkText(value: unknown, kind: string): string {
  if (typeof value !== 'string') throw new InvalidValueError(`A ${kind} value must be a string.`)
  if (value.includes('\0') || !value.isWellFormed()) {
    throw new InvalidValueError(`A ${kind} value holds a NUL or half a surrogate pair.`)
  }
  return value
}

/** Length in code points, which is what both engines count. */
export function codePointLength(value: string): number {
  let count = 0
  for (const _ of value) count++
  return count
}

function checkLength(value: string, max: number, kind: string): string {
  if (value.length > max && codePointLength(value) > max) {
    throw new InvalidValueError(`A ${kind} value is longer than ${max} characters.`)
  }
  return value
}

/** What SQLite must be told to refuse of text: too long, NUL, or a blob. */
export function sqliteText(column: string, max: number): string {
  return `typeof(${column}) in ('text', 'null') and length(${column}) <= ${max} and instr(${column}, char(0)) = 0`
}

const HEX = '[0-9a-f]'
const UUID_GLOB = [8, 4, 4, 4, 12].map((length) => HEX.repeat(length)).join('-')

/** A UUID as 36 lower-case characters: native on PostgreSQL, text on SQLite. */
export const uuidType: ValueType<string> = {
  kind: 'uuid',
  postgres: 'uuid',
  sqlite: 'uuid text',
  check(value) {
    if (typeof value !== 'string') throw new InvalidValueError('A uuid value must be a string.')
    if (UUID.test(value)) return value
    const lower = value.toLowerCase()
    if (!UUID.test(lower)) throw new InvalidValueError('A uuid value is malformed.')
    return lower
  },
  toSqlite: (value) => value,
  toPostgres: (value) => value,
  constraint: (dialect, column) => (dialect === 'sqlite' ? `${column} glob '${UUID_GLOB}'` : ''),
}

/** Text of at most `max` code points. */
export function textType(max: number): ValueType<string> {
  return {
    kind: 'text',
    postgres: `varchar(${max})`,
    sqlite: 'text',
    check: (value) => checkLength(checkText(value, 'text'), max, 'text'),
    toSqlite: (value) => value,
    toPostgres: (value) => value,
    constraint: (dialect, column) => (dialect === 'sqlite' ? sqliteText(column, max) : ''),
  }
}

/** The one form in which names are compared: NFKC, then lower-case, then NFKC again for what lower-casing opened up. */
export function canonicalText(value: string): string {
  return value.normalize('NFKC').toLowerCase().normalize('NFKC')
}

/** Text that is equal whatever its case or width: stored and looked up in canonical form, so a plain index serves it. */
export function canonicalType(max: number): ValueType<string> {
  return {
    ...textType(max),
    kind: 'canonical',
    sqlite: 'canonical text',
    check: (value) => checkLength(canonicalText(checkText(value, 'canonical')), max, 'canonical'),
  }
}

function integerType(kind: 'integer' | 'bigint' | 'money', postgres: string, max: number): ValueType<number> {
  return {
    kind,
    postgres,
    sqlite: kind === 'integer' ? 'integer' : `${kind} integer`,
    check(value) {
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || Math.abs(value) > max) {
        throw new InvalidValueError(`A ${kind} value must be a whole number up to ${max}.`)
      }
      return value === 0 ? 0 : value
    },
    toSqlite: (value) => value,
    toPostgres: (value) => String(value),
    fromPostgres(text) {
      const value = Number(text)
      if (!Number.isSafeInteger(value)) throw new InvalidValueError(`A stored ${kind} is beyond 2^53.`)
      return value
    },
    constraint(dialect, column) {
      if (dialect === 'postgres' && kind === 'integer') return ''
      const range = `${column} between ${-max} and ${max}`
      return dialect === 'sqlite' ? `typeof(${column}) in ('integer', 'null') and ${range}` : range
    },
  }
}

/** A 32-bit whole number. */
export const integerValueType = integerType('integer', 'integer', INT4_MAX)
/** A whole number within ±(2^53 − 1), so that JavaScript holds it exactly; a CHECK keeps larger ones out. */
export const bigintValueType = integerType('bigint', 'bigint', Number.MAX_SAFE_INTEGER)
/** An amount in minor units (cents); its currency is a column of its own. */
export const moneyType = integerType('money', 'bigint', Number.MAX_SAFE_INTEGER)

/** An exact decimal as its own digits, up to 38 before and 18 after the point; never a float. Not for ORDER BY. */
export const decimalType: ValueType<string> = {
  kind: 'decimal',
  postgres: 'numeric',
  sqlite: 'decimal text',
  check(value) {
    if (typeof value !== 'string' || !DECIMAL.test(value)) {
      throw new InvalidValueError('A decimal value must be a string of digits.')
    }
    return /^-0(?:\.0+)?$/.test(value) ? value.slice(1) : value
  },
  toSqlite: (value) => value,
  toPostgres: (value) => value,
  constraint: (dialect, column) =>
    dialect === 'sqlite'
      ? `typeof(${column}) in ('text', 'null') and length(${column}) <= 58 and ${column} glob '*[0-9]' and ${column} not glob '*[^-0-9.]*' and ${column} not glob '?*-*' and ${column} not glob '*.*.*'`
      : `${column} > -1e38 and ${column} < 1e38 and scale(${column}) <= 18`,
}

/** An IEEE 754 double, finite; never for money. */
export const doubleType: ValueType<number> = {
  kind: 'double',
  postgres: 'double precision',
  sqlite: 'double',
  check(value) {
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw new InvalidValueError('A double value must be a finite number.')
    }
    return value === 0 ? 0 : value
  },
  toSqlite: (value) => value,
  toPostgres: (value) => String(value),
  fromPostgres: Number,
  constraint: (dialect, column) =>
    dialect === 'sqlite'
      ? `typeof(${column}) in ('real', 'null') and abs(${column}) <= ${Number.MAX_VALUE}`
      : `${column} between -${Number.MAX_VALUE} and ${Number.MAX_VALUE}`,
}

export const booleanType: ValueType<boolean> = {
  kind: 'boolean',
  postgres: 'boolean',
  sqlite: 'boolean',
  check(value) {
    if (typeof value !== 'boolean') throw new InvalidValueError('A boolean value must be true or false.')
    return value
  },
  toSqlite: (value) => (value ? 1 : 0),
  fromSqlite: (raw) => raw === 1,
  toPostgres: (value) => (value ? 't' : 'f'),
  fromPostgres: (text) => text === 't',
  constraint: (dialect, column) => (dialect === 'sqlite' ? `${column} in (0, 1)` : ''),
}

const EARLIEST_MS = Date.parse('0001-01-01T00:00:00.000Z')
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z')

/** An instant with millisecond precision between the years 1 and 9999, as a `Date`. */
export const timestamptzType: ValueType<Date> = {
  kind: 'timestamptz',
  postgres: 'timestamp(3) with time zone',
  sqlite: 'timestamptz text',
  check(value) {
    if (!(value instanceof Date) || !(value.getTime() >= EARLIEST_MS && value.getTime() <= LATEST_MS)) {
      throw new InvalidValueError('A timestamptz value must be a Date between the years 1 and 9999.')
    }
    return value
  },
  toSqlite: formatInstant,
  fromSqlite: (raw) => parseSqliteInstant(String(raw)),
  toPostgres: formatInstant,
  fromPostgres: parsePostgresInstant,
  constraint: (dialect, column) =>
    dialect === 'sqlite'
      ? `strftime('%Y-%m-%dT%H:%M:%fZ', ${column}) is ${column}`
      : `${column} between '0001-01-01T00:00:00Z' and '9999-12-31T23:59:59.999Z'`,
}

/** A calendar day, `YYYY-MM-DD`. */
export const dateType: ValueType<string> = {
  kind: 'date',
  postgres: 'date',
  sqlite: 'date text',
  check(value) {
    const ms =
      typeof value === 'string' && DATE.test(value) ? Date.parse(`${value}T00:00:00.000Z`) : Number.NaN
    if (!(ms >= EARLIEST_MS && ms <= LATEST_MS) || !new Date(ms).toISOString().startsWith(String(value))) {
      throw new InvalidValueError('A date value must be a day of the calendar, YYYY-MM-DD.')
    }
    return String(value)
  },
  toSqlite: (value) => value,
  toPostgres: (value) => value,
  constraint: (dialect, column) =>
    dialect === 'sqlite' ? `date(${column}) is ${column}` : `${column} between '0001-01-01' and '9999-12-31'`,
}
