import pg from 'pg'
import { Type } from 'typebox'
import { TransactionUseError } from '../errors.ts'
import type { Encoded, Statement } from '../query/compile.ts'
import { createRowDecoder, type RowDecoder } from '../query/row-decoder.ts'
import { arrayType, bytesType, jsonbType, splitArray } from '../schema/composite-types.ts'
import {
  bigintValueType,
  booleanType,
  dateType,
  decimalType,
  doubleType,
  textType,
  timestamptzType,
  uuidType,
} from '../schema/scalar-types.ts'
import type { ValueType } from '../schema/value-type.ts'
import { translatePostgresError } from './postgres-errors.ts'
import { WireWriter } from './wire-writer.ts'

interface Field {
  readonly name: string
  readonly tableID: number
  readonly dataTypeID: number
}

const storedText = textType(Number.MAX_SAFE_INTEGER)
// Note: text that PostgreSQL holds and the driver decodes can have neither a NUL nor half a surrogate pair.
const storedTexts = { ...arrayType(storedText), fromPostgres: splitArray }

/** How stored columns are read, by type OID (pg_type.dat of PostgreSQL); limits were checked on the way in. */
const TYPE_BY_OID = new Map<number, ValueType<unknown>>([
  [16, booleanType],
  [17, bytesType(Number.MAX_SAFE_INTEGER)],
  [20, bigintValueType],
  [23, bigintValueType],
  [25, storedText],
  [701, doubleType],
  [1043, storedText],
  [1082, dateType],
  [1184, timestamptzType],
  [1700, decimalType],
  [2950, uuidType],
  [3802, jsonbType(Type.Unknown())],
  [1007, arrayType(bigintValueType)],
  [1009, storedTexts],
  [1015, storedTexts],
  [1016, arrayType(bigintValueType)],
  [2951, arrayType(uuidType)],
])

/**
 * What one connection has been told: statements it has parsed, and how their rows are read. A statement in `doubtful`
 * failed when it was sent with its text, so the server may know its name or not.
 */
interface Known {
  readonly parsed: Set<number>
  readonly doubtful: Set<number>
  readonly decoders: Map<number, RowDecoder>
}

const knownByConnection = new WeakMap<pg.Connection, Known>()

function knownOf(connection: pg.Connection): Known {
  const known = knownByConnection.get(connection) ?? {
    parsed: new Set(),
    doubtful: new Set(),
    decoders: new Map(),
  }
  knownByConnection.set(connection, known)
  return known
}

/** A statement with its encoded values. */
export interface Step {
  readonly statement: Statement
  readonly values: readonly Encoded[]
  /** Nobody reads its rows: they are not described and not decoded. */
  readonly isOnlyCounted?: boolean
}

export interface StatementResult {
  readonly rows: unknown[]
  readonly rowCount: number
}

const wire = new WireWriter()

/** Told once how a statement ended: with an error, which is `undefined` if there was none, and what it gave. */
export type Settle = (error: unknown, result: StatementResult) => void

function decoderFor(statement: Statement, fields: readonly Field[]): RowDecoder {
  const columns = fields.map(({ name, tableID, dataTypeID }) => ({
    name,
    type: tableID === 0 ? statement.hints.get(name) : TYPE_BY_OID.get(dataTypeID),
  }))
  return createRowDecoder('postgres', columns)
}

/**
 * Runs one prepared statement. It speaks the extended protocol as `pg`'s own Query does, but decodes straight from the
 * wire's text, asks the server to describe the rows only the first time a connection runs the statement, and sends others
 * before it along, whose results nobody reads: outside BEGIN, what shares a Sync is one transaction (PostgreSQL manual,
 * 54.2.4), so a row context set by the first holds for the last, and ends with it.
 */
export class StatementQuery extends pg.Query {
  readonly #step: Step
  readonly #before: readonly Step[]
  readonly #settle: Settle
  readonly #rows: unknown[] = []
  #beforeLeft: number
  #known: Known | undefined
  #parsing: number[] | undefined
  #decode: RowDecoder | undefined
  #failure: unknown
  #tag = ''
  #rowCount = 0

  constructor(step: Step, settle: Settle, before: readonly Step[] = []) {
    super(step.statement.sql)
    this.#step = step
    this.#before = before
    this.#settle = settle
    this.#beforeLeft = before.length
  }

  override submit = (connection: pg.Connection): null => {
    const { statement, isOnlyCounted } = this.#step
    const known = knownOf(connection)
    this.#known = known
    this.#decode = known.decoders.get(statement.id)
    wire.begin()
    for (const step of this.#before) this.#write(known, step, false)
    this.#write(known, this.#step, !isOnlyCounted && !this.#decode)
    wire.sync()
    if (connection.stream.writable) connection.stream.write(wire.take())
    return null
  }

  #write(known: Known, { statement, values }: Step, describe: boolean): void {
    const { id, sql } = statement
    const name = `o${id}`
    if (!known.parsed.has(id)) {
      // Closing a name that is not there is no error (PostgreSQL manual, 54.2.3).
      if (known.doubtful.delete(id)) wire.close(name)
      known.parsed.add(id)
      this.#parsing ??= []
      this.#parsing.push(id)
      wire.parse(name, sql)
    }
    wire.bind(name, values)
    if (describe) wire.describe()
    wire.execute()
  }

  handleRowDescription(message: { fields: Field[] }): void {
    const { statement } = this.#step
    try {
      this.#decode = decoderFor(statement, message.fields)
      this.#known?.decoders.set(statement.id, this.#decode)
    } catch (error) {
      this.#failure = error
    }
  }

  handleDataRow(message: { fields: ArrayLike<unknown> }): void {
    if (this.#beforeLeft > 0 || this.#step.isOnlyCounted) return
    if (this.#failure !== undefined || !this.#decode) return
    try {
      this.#rows.push(this.#decode(message.fields))
    } catch (error) {
      this.#failure = error
    }
  }

  handleCommandComplete(message: { text: string }): void {
    if (this.#beforeLeft > 0) this.#beforeLeft--
    else {
      this.#tag = message.text
      this.#rowCount = Number(message.text.slice(message.text.lastIndexOf(' ') + 1)) || 0
    }
  }

  handleReadyForQuery(): void {
    if (this.#tag === 'ROLLBACK' && this.#step.statement.sql === 'commit') {
      this.#failure ??= new TransactionUseError('The transaction was rolled back by the database.')
    }
    this.#settle(this.#failure, { rows: this.#rows, rowCount: this.#rowCount })
  }

  handleError(error: unknown): void {
    for (const id of this.#parsing ?? []) {
      if (this.#known?.parsed.delete(id)) this.#known.doubtful.add(id)
    }
    const { registry } = this.#step.statement
    this.#settle(this.#failure ?? translatePostgresError(error, registry), { rows: [], rowCount: 0 })
  }
}
