import {
  type AliasableExpression,
  BinaryOperationNode,
  ColumnNode,
  type Expression,
  ExpressionWrapper,
  type OperationNode,
  OperatorNode,
  RawNode,
  ReferenceNode,
  TableNode,
  ValueNode,
} from 'kysely'
import type { Column } from '../schema/column.ts'
import type { Dialect, ValueType } from '../schema/value-type.ts'
import type { Param } from './param.ts'

/** What the compiler must know about a node that Kysely has no word for. */
export type Mark =
  | { readonly kind: 'computed'; readonly type: ValueType<unknown>; readonly inner: OperationNode }
  | { readonly kind: 'fork'; readonly sides: Readonly<Record<Dialect, OperationNode>> }
  | { readonly kind: 'value'; readonly type: ValueType<unknown>; readonly value: unknown }
  | { readonly kind: 'owner'; readonly inner: OperationNode }

const marks = new WeakMap<OperationNode, Mark>()

export const markOf = (node: OperationNode): Mark | undefined => marks.get(node)

function markedNode(mark: Mark): OperationNode {
  const node = RawNode.createWithSql('')
  marks.set(node, mark)
  return node
}

function marked<T>(mark: Mark): AliasableExpression<T> {
  return new ExpressionWrapper(markedNode(mark))
}

/**
 * Names the type of a result that engines compute rather than store: counts, sums, CASE, COALESCE, comparisons, window
 * values, UNIONs. Without it the query is refused, because the engines would give different JavaScript values.
 */
export function computed<T>(
  expression: Expression<unknown>,
  column: Column<T, unknown>,
): AliasableExpression<T> {
  return marked<T>({ kind: 'computed', type: column.facts.type, inner: expression.toOperationNode() })
}

/** A parameter encoded as `column` says, where no column beside it tells how. */
export function value<T>(column: Column<T, unknown>, given: T): AliasableExpression<T> {
  return marked<T>({ kind: 'value', type: column.facts.type, value: given })
}

/** One expression written for each engine. The only place where the engines' SQL may differ. */
export function portable<T>(sides: Readonly<Record<Dialect, Expression<unknown>>>): AliasableExpression<T> {
  return marked<T>({
    kind: 'fork',
    sides: { sqlite: sides.sqlite.toOperationNode(), postgres: sides.postgres.toOperationNode() },
  })
}

/**
 * An owner predicate, `ownedBy('sessions.user_id', userId)`: every statement on private rows carries one. Tests switch
 * all of them off at once to show that row security alone isolates members, too.
 */
export function ownedBy(column: string, userId: string): Expression<boolean> {
  return new ExpressionWrapper(columnEquals(column, userId, true))
}

/** A column by its name, `sessions.user_id` or `user_id`. */
export function columnReference(column: string): ReferenceNode {
  const [table, name] = column.includes('.') ? column.split('.') : [undefined, column]
  return ReferenceNode.create(ColumnNode.create(name ?? column), table ? TableNode.create(table) : undefined)
}

/** `column = value`, encoded as the column says; marked when it is the statement's owner predicate. */
export function columnEquals(column: string, value: string | Param, isOwner: boolean): OperationNode {
  const equals = BinaryOperationNode.create(
    columnReference(column),
    OperatorNode.create('='),
    ValueNode.create(value),
  )
  return isOwner ? markedNode({ kind: 'owner', inner: equals }) : equals
}

/** `column is null`. */
export function columnIsNull(column: string): OperationNode {
  return BinaryOperationNode.create(
    columnReference(column),
    OperatorNode.create('is'),
    ValueNode.createImmediate(null),
  )
}
