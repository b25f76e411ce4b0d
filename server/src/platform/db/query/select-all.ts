import {
  AliasNode,
  ColumnNode,
  DeleteQueryNode,
  IdentifierNode,
  InsertQueryNode,
  type OperationNode,
  ReferenceNode,
  ReturningNode,
  SelectAllNode,
  SelectionNode,
  type SelectQueryNode,
  TableNode,
  UpdateQueryNode,
} from 'kysely'
import type { AnyTable } from '../schema/table.ts'
import type { Registry } from './scope.ts'

interface Source {
  readonly name: string
  readonly table: AnyTable | undefined
}

function sourceOf(node: OperationNode, registry: Registry): Source {
  if (TableNode.is(node)) {
    const name = node.table.identifier.name
    return { name, table: registry.get(name) }
  }
  if (AliasNode.is(node) && IdentifierNode.is(node.alias)) {
    const table = TableNode.is(node.node) ? registry.get(node.node.table.identifier.name) : undefined
    return { name: node.alias.name, table }
  }
  return { name: '', table: undefined }
}

function columnsOf({ name, table }: Source): SelectionNode[] {
  return Object.keys(table?.columns ?? {}).map((column) =>
    SelectionNode.create(ReferenceNode.create(ColumnNode.create(column), TableNode.create(name))),
  )
}

function expand(selection: SelectionNode, sources: readonly Source[]): SelectionNode[] {
  const node = selection.selection
  if (SelectAllNode.is(node)) {
    return sources.every(({ table }) => table !== undefined) ? sources.flatMap(columnsOf) : [selection]
  }
  if (ReferenceNode.is(node) && SelectAllNode.is(node.column)) {
    const source = sources.find(({ name }) => name === node.table?.table.identifier.name)
    return source?.table ? columnsOf(source) : [selection]
  }
  return [selection]
}

/**
 * Writes `*` out as the declared columns: the result has the declared order on both engines, and a column that a later
 * version adds cannot shift what a prepared statement returns.
 */
export function expandSelections(node: SelectQueryNode, registry: Registry): SelectQueryNode {
  if (!node.selections) return node
  const sources = [...(node.from?.froms ?? []), ...(node.joins ?? []).map(({ table }) => table)].map(
    (source) => sourceOf(source, registry),
  )
  return { ...node, selections: node.selections.flatMap((selection) => expand(selection, sources)) }
}

function writtenTable(root: OperationNode): OperationNode | undefined {
  if (InsertQueryNode.is(root)) return root.into
  if (UpdateQueryNode.is(root)) return root.table
  return DeleteQueryNode.is(root) ? root.from.froms[0] : undefined
}

/** The same for RETURNING of the statement `root`. */
export function expandReturning(node: ReturningNode, root: OperationNode, registry: Registry): ReturningNode {
  const table = writtenTable(root)
  if (!table) return node
  const source = sourceOf(table, registry)
  return ReturningNode.create(node.selections.flatMap((selection) => expand(selection, [source])))
}
