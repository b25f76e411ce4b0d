import { type OperationNode, SelectQueryNode } from 'kysely'
import { QueryDefinitionError } from '../errors.ts'

/**
 * Gives back a statement that only reads: a SELECT whose WITH holds nothing but SELECTs, which is the only place where
 * PostgreSQL lets one write (manual, 7.8.4). Throws `QueryDefinitionError` for anything else.
 */
export function selectOnly(node: OperationNode): OperationNode {
  const parts = SelectQueryNode.is(node) ? (node.with?.expressions ?? []) : undefined
  if (parts?.every(({ expression }) => SelectQueryNode.is(expression))) return node
  throw new QueryDefinitionError('A read is a SELECT; build what writes with sql.write and run it on a tx.')
}
