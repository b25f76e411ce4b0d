import {
  BinaryOperationNode,
  type Expression,
  ExpressionWrapper,
  isOperationNodeSource,
  type OperationNode,
  OperatorNode,
  TupleNode,
  ValueNode,
} from 'kysely'
import { columnReference } from './marks.ts'

function compareRows(
  columns: readonly string[],
  operator: '<' | '>',
  last: readonly unknown[],
): Expression<boolean> {
  const values = last.map(
    (item): OperationNode => (isOperationNodeSource(item) ? item.toOperationNode() : ValueNode.create(item)),
  )
  return new ExpressionWrapper(
    BinaryOperationNode.create(
      TupleNode.create(columns.map(columnReference)),
      OperatorNode.create(operator),
      TupleNode.create(values),
    ),
  )
}

/**
 * The rows after `last` in the order of `columns`, newest first: `(created_at, id) < (last.created_at, last.id)`, which
 * both engines answer from an index on the same columns at the same cost on every page
 * (https://www.sqlite.org/rowvalue.html section 2.2). Each value is encoded as its column says.
 */
export function keysetBefore(columns: readonly string[], last: readonly unknown[]): Expression<boolean> {
  return compareRows(columns, '<', last)
}

/** The same, oldest first. */
export function keysetAfter(columns: readonly string[], last: readonly unknown[]): Expression<boolean> {
  return compareRows(columns, '>', last)
}
