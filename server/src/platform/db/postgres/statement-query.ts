import pg from 'pg'
import { Type } from 'typebox'
import { TransactionUseError } from '../errors.ts'
import type { Encoded, Statement } from '../query/compile.ts'
import { createRowDecoder, type RowDecoder } from '../query/row-decoder.ts'
import { arrayType, bytesType, jsonbType } from '../schema/composite-types.ts'
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

interface Field {
  readonly name: string
  readonly tableID: number
  readonly dataTypeID: number
}

const storedText = textType(Number.MAX_SAFE_INTEGER)

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
  [1009, arrayType(storedText)],
  [1015, arrayType(storedText)],
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

export interface StatementResult {
  readonly rows: unknown[]
  readonly rowCount: number
}

function wireValue(value: Encoded): string | Buffer | null {
  if (typeof value === 'number') return String(value)
  return value instanceof Uint8Array && !Buffer.isBuffer(value) ? Buffer.from(value) : value
}

type Settle = (error: unknown, result: StatementResult) => void

function decoderFor(statement: Statement, fields: readonly Field[]): RowDecoder {
  const columns = fields.map(({ name, tableID, dataTypeID }) => ({
    name,
    type: tableID === 0 ? statement.hints.get(name) : TYPE_BY_OID.get(dataTypeID),
  }))
  return createRowDecoder('postgres', columns)
}

/**
 * Runs one prepared statement. It speaks the extended protocol as `pg`'s own Query does, but decodes straight from the
 * wire's text, and asks the server to describe the rows only the first time a connection runs the statement.
 */
export class StatementQuery extends pg.Query {
  readonly #statement: Statement
  readonly #values: (string | Buffer | null)[]
  readonly #settle: Settle
  readonly #rows: unknown[] = []
  #known: Known | undefined
  #decode: RowDecoder | undefined
  #rowCount = 0
  #isParsing = false
  #failure: unknown
  #tag = ''

  constructor(statement: Statement, values: Encoded[], settle: Settle) {
    super(statement.sql)
    this.#statement = statement
    this.#values = values.map(wireValue)
    this.#settle = settle
  }

  override submit = (connection: pg.Connection): null => {
    const { id, sql } = this.#statement
    const name = `o${id}`
    this.#known = knownOf(connection)
    this.#decode = this.#known.decoders.get(id)
    connection.stream.cork()
    try {
      if (!this.#known.parsed.has(id)) {
        // Closing a name that is not there is no error (PostgreSQL manual, 54.2.3).
        if (this.#known.doubtful.delete(id)) connection.close({ type: 'S', name }, true)
        this.#known.parsed.add(id)
        this.#isParsing = true
        connection.parse({ name, text: sql, types: [] }, true)
      }
      connection.bind({ portal: '', statement: name, values: this.#values }, true)
      if (!this.#decode) connection.describe({ type: 'P', name: '' }, true)
      connection.execute({ portal: '', rows: '0' }, true)
      connection.sync()
    } finally {
      connection.stream.uncork()
    }
    return null
  }

  handleRowDescription(message: { fields: Field[] }): void {
    try {
      this.#decode = decoderFor(this.#statement, message.fields)
      this.#known?.decoders.set(this.#statement.id, this.#decode)
    } catch (error) {
      this.#failure = error
    }
  }

  handleDataRow(message: { fields: ArrayLike<unknown> }): void {
    if (this.#failure !== undefined || !this.#decode) return
    try {
      this.#rows.push(this.#decode(message.fields))
    } catch (error) {
      this.#failure = error
    }
  }

  handleCommandComplete(message: { text: string }): void {
    this.#tag = message.text
    this.#rowCount = Number(message.text.slice(message.text.lastIndexOf(' ') + 1)) || 0
  }

  handleReadyForQuery(): void {
    if (this.#statement.sql === 'commit' && this.#tag === 'ROLLBACK') {
      this.#failure ??= new TransactionUseError('The transaction was rolled back by the database.')
    }
    this.#settle(this.#failure, { rows: this.#rows, rowCount: this.#rowCount })
  }

  handleError(error: unknown): void {
    if (this.#isParsing && this.#known?.parsed.delete(this.#statement.id)) {
      this.#known.doubtful.add(this.#statement.id)
    }
    this.#settle(this.#failure ?? translatePostgresError(error, this.#statement.registry), {
      rows: [],
      rowCount: 0,
    })
  }
}
