import {
  type OperationNode,
  PostgresQueryCompiler,
  type RootOperationNode,
  SqliteQueryCompiler,
} from 'kysely'
import { QueryDefinitionError } from '../errors.ts'
import type { ValueType } from '../schema/value-type.ts'
import { type Args, createEncoder, type Encoded, type Encoder } from './encoder.ts'
import { PortableTransformer, type Target } from './portable-transformer.ts'
import type { Registry } from './scope.ts'

export type { Args, Encoded }

/** One statement in one engine's SQL, ready to be prepared once and run often. */
export interface Statement {
  /** Unique in this process; names the prepared statement. */
  readonly id: number
  readonly sql: string
  readonly encode: Encoder
  /** Types of computed result columns, by name. */
  readonly hints: ReadonlyMap<string, ValueType<unknown>>
  readonly registry: Registry
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
  return {
    id: nextId++,
    sql,
    encode: createEncoder(target.dialect, parameters),
    hints: transformer.hints,
    registry,
  }
}
