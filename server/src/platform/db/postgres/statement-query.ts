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

/** A statement with its encoded values. */
export interface Step {
  readonly statement: Statement
  readonly values: readonly Encoded[]
}

/**
 * Runs one prepared statement, perhaps behind others whose results nobody needs. It speaks the extended protocol as
 * `pg`'s own Query does, but decodes straight from the wire's text, and asks the server to describe the rows only the
 * first time a connection runs the statement. All steps share one Sync, which outside a transaction makes them one
 * (PostgreSQL manual, 54.2.4): a row context set by the first holds for the last, and ends with it.
 */
export class StatementQuery extends pg.Query {
  readonly #before: readonly Step[]
  readonly #last: Step
  readonly #settle: Settle
  readonly #rows: unknown[] = []
  #known: Known | undefined
  #decode: RowDecoder | undefined
  #parsing: number[] | undefined
  #toSkip: number
  #rowCount = 0
  #failure: unknown
  #tag = ''

  constructor(last: Step, settle: Settle, before: readonly Step[] = []) {
    super(last.statement.sql)
    this.#last = last
    this.#settle = settle
    this.#before = before
    this.#toSkip = before.length
  }

  override submit = (connection: pg.Connection): null => {
    this.#known = knownOf(connection)
    this.#decode = this.#known.decoders.get(this.#last.statement.id)
    connection.stream.cork()
    try {
      for (const step of this.#before) {
        this.#bind(connection, this.#known, step)
        connection.execute({ portal: '', rows: '0' }, true)
      }
      this.#bind(connection, this.#known, this.#last)
      if (!this.#decode) connection.describe({ type: 'P', name: '' }, true)
      connection.execute({ portal: '', rows: '0' }, true)
      connection.sync()
    } finally {
      connection.stream.uncork()
    }
    return null
  }

  #bind(connection: pg.Connection, known: Known, { statement, values }: Step): void {
    const { id, sql } = statement
    const name = `o${id}`
    if (!known.parsed.has(id)) {
      // Closing a name that is not there is no error (PostgreSQL manual, 54.2.3).
      if (known.doubtful.delete(id)) connection.close({ type: 'S', name }, true)
      known.parsed.add(id)
      this.#parsing ??= []
      this.#parsing.push(id)
      connection.parse({ name, text: sql, types: [] }, true)
    }
    connection.bind({ portal: '', statement: name, values: values.map(wireValue) }, true)
  }

  handleRowDescription(message: { fields: Field[] }): void {
    try {
      this.#decode = decoderFor(this.#last.statement, message.fields)
      this.#known?.decoders.set(this.#last.statement.id, this.#decode)
    } catch (error) {
      this.#failure = error
    }
  }

  handleDataRow(message: { fields: ArrayLike<unknown> }): void {
    if (this.#toSkip > 0 || this.#failure !== undefined || !this.#decode) return
    try {
      this.#rows.push(this.#decode(message.fields))
    } catch (error) {
      this.#failure = error
    }
  }

  handleCommandComplete(message: { text: string }): void {
    if (this.#toSkip-- > 0) return
    this.#tag = message.text
    this.#rowCount = Number(message.text.slice(message.text.lastIndexOf(' ') + 1)) || 0
  }

  handleReadyForQuery(): void {
    if (this.#last.statement.sql === 'commit' && this.#tag === 'ROLLBACK') {
      this.#failure ??= new TransactionUseError('The transaction was rolled back by the database.')
    }
    this.#settle(this.#failure, { rows: this.#rows, rowCount: this.#rowCount })
  }

  handleError(error: unknown): void {
    for (const id of this.#parsing ?? []) {
      if (this.#known?.parsed.delete(id)) this.#known.doubtful.add(id)
    }
    const failure = this.#failure ?? translatePostgresError(error, this.#last.statement.registry)
    this.#settle(failure, { rows: [], rowCount: 0 })
  }
}
