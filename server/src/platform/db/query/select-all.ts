import {
  ColumnNode,
  type OperationNode,
  ReferenceNode,
  ReturningNode,
  SelectAllNode,
  SelectionNode,
  type SelectQueryNode,
  TableNode,
} from 'kysely'
import { type Scope, sourcesOf } from './scope.ts'

function columnsOf(source: string, scope: Scope): SelectionNode[] | undefined {
  return scope
    .columnsOf(source)
    ?.map(({ name }) =>
      SelectionNode.create(ReferenceNode.create(ColumnNode.create(name), TableNode.create(source))),
    )
}

function expand(selection: SelectionNode, sources: readonly string[], scope: Scope): SelectionNode[] {
  const node = selection.selection
  if (SelectAllNode.is(node)) {
    const columns = sources.map((source) => columnsOf(source, scope))
    return columns.every((list) => list !== undefined) ? columns.flat() : [selection]
  }
  if (ReferenceNode.is(node) && SelectAllNode.is(node.column)) {
    return columnsOf(node.table?.table.identifier.name ?? '', scope) ?? [selection]
  }
  return [selection]
}

/**
 * Writes `*` out as the declared columns: the result has the declared order on both engines, and a column that a later
 * version adds cannot shift what a prepared statement returns.
 */
export function expandSelections(node: SelectQueryNode, scope: Scope): SelectQueryNode {
  if (!node.selections) return node
  const sources = sourcesOf(node).map(({ name }) => name)
  return { ...node, selections: node.selections.flatMap((selection) => expand(selection, sources, scope)) }
}

/** The same for RETURNING of the statement `root`. */
export function expandReturning(node: ReturningNode, root: OperationNode, scope: Scope): ReturningNode {
  const written = sourcesOf(root)
    .slice(0, 1)
    .map(({ name }) => name)
  return ReturningNode.create(node.selections.flatMap((selection) => expand(selection, written, scope)))
}
