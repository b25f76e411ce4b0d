import {
  type OperationNode,
  PostgresQueryCompiler,
  type RootOperationNode,
  SqliteQueryCompiler,
} from 'kysely'
import { InvalidValueError, QueryDefinitionError } from '../errors.ts'
import {
  bigintValueType,
  booleanType,
  checkText,
  doubleType,
  timestamptzType,
} from '../schema/scalar-types.ts'
import type { Dialect, SqliteValue, ValueType } from '../schema/value-type.ts'
import { Bound, Param } from './param.ts'
import { PortableTransformer, type Target } from './portable-transformer.ts'
import type { Registry } from './scope.ts'

/** Arguments of one run, by name. */
export type Args = Readonly<Record<string, unknown>>
/** A value ready for either driver. */
export type Encoded = SqliteValue | Buffer

/** One statement in one engine's SQL, ready to be prepared once and run often. */
export interface Statement {
  /** Unique in this process; names the prepared statement. */
  readonly id: number
  readonly sql: string
  encode(args: Args): Encoded[]
  /** Types of computed result columns, by name. */
  readonly hints: ReadonlyMap<string, ValueType<unknown>>
  readonly registry: Registry
}

function inferType(value: unknown): ValueType<unknown> {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? bigintValueType : doubleType
  if (typeof value === 'boolean') return booleanType
  if (value instanceof Date) return timestamptzType
  throw new QueryDefinitionError(
    'A list, object or bytes parameter needs a column beside it, or value(column, …).',
  )
}

function encodeAs(dialect: Dialect, type: ValueType<unknown> | undefined, given: unknown): Encoded {
  if (given === null) return null
  if (given === undefined) throw new InvalidValueError('A parameter is missing.')
  if (type === undefined && typeof given === 'string') return checkText(given, 'text')
  const known = type ?? inferType(given)
  return dialect === 'sqlite' ? known.toSqlite(known.check(given)) : known.toPostgres(known.check(given))
}

type Slot = (args: Args) => Encoded

function slotFor(dialect: Dialect, parameter: unknown): Slot {
  const { value, type } = parameter instanceof Bound ? parameter : new Bound(parameter)
  if (!(value instanceof Param)) {
    const constant = encodeAs(dialect, type, value)
    return () => constant
  }
  const { name } = value
  return (args) => encodeAs(dialect, type, args[name])
}

let nextId = 0

const compilers = { sqlite: SqliteQueryCompiler, postgres: PostgresQueryCompiler }

function isRoot(node: OperationNode): node is RootOperationNode {
  return /^(Select|Insert|Update|Delete)QueryNode$|^RawNode$/.test(node.kind)
}

/** Compiles a built statement for one target. Pure but for the statement's number. */
export function compileStatement(node: OperationNode, registry: Registry, target: Target): Statement {
  const transformer = new PortableTransformer(node, registry, target)
  const portable = transformer.transformNode(node)
  if (!isRoot(portable)) throw new QueryDefinitionError('Only SELECT, INSERT, UPDATE and DELETE can be run.')
  const compiler = new compilers[target.dialect]()
  const { sql, parameters } = compiler.compileQuery(portable, { queryId: '' })
  const slots = parameters.map((parameter) => slotFor(target.dialect, parameter))
  return {
    id: nextId++,
    sql,
    encode: (args) => slots.map((slot) => slot(args)),
    hints: transformer.hints,
    registry,
  }
}
