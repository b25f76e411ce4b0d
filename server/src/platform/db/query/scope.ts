import type { OperationNode } from 'kysely'
import { AliasNode, ColumnNode, IdentifierNode, ReferenceNode, TableNode } from 'kysely'
import { QueryDefinitionError } from '../errors.ts'
import type { AnyTable } from '../schema/table.ts'
import type { ValueType } from '../schema/value-type.ts'
import { markOf } from './marks.ts'

/** The declared tables by name; the compiler resolves every column against it. */
export type Registry = ReadonlyMap<string, AnyTable>

/** The names that a whole statement gives to declared tables. */
export type Scope = ReadonlyMap<string, AnyTable>

function children(node: OperationNode): OperationNode[] {
  const mark = markOf(node)
  if (mark?.kind === 'computed' || mark?.kind === 'owner') return [mark.inner]
  if (mark?.kind === 'fork') return [mark.sides.sqlite]
  return Object.values(node)
    .flatMap((field: unknown) => (Array.isArray(field) ? field : [field]))
    .filter(isNode)
}

function isNode(value: unknown): value is OperationNode {
  return typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string'
}

/** Finds every table and alias in a statement, subqueries included; one name means one table throughout a statement. */
export function scopeOf(root: OperationNode, registry: Registry): Scope {
  const scope = new Map<string, AnyTable>()
  const add = (name: string, table: AnyTable) => {
    const known = scope.get(name)
    if (known && known !== table)
      throw new QueryDefinitionError(`The name ${name} stands for two tables in one query.`)
    scope.set(name, table)
  }
  const walk = (node: OperationNode) => {
    if (ReferenceNode.is(node)) return
    if (AliasNode.is(node) && TableNode.is(node.node) && IdentifierNode.is(node.alias)) {
      const table = registry.get(node.node.table.identifier.name)
      if (table) return add(node.alias.name, table)
    }
    if (TableNode.is(node)) {
      const table = registry.get(node.table.identifier.name)
      if (table && !scope.has(table.name)) add(table.name, table)
    }
    for (const child of children(node)) walk(child)
  }
  walk(root)
  return scope
}

/** The type of a referenced column; `undefined` for a name that is not a declared column, such as one of a CTE. */
export function typeOfReference(node: OperationNode, scope: Scope): ValueType<unknown> | undefined {
  const column = ReferenceNode.is(node) ? node.column : node
  if (!ColumnNode.is(column)) return undefined
  const name = column.column.name
  if (ReferenceNode.is(node) && node.table) {
    return scope.get(node.table.table.identifier.name)?.columns[name]?.facts.type
  }
  const types = [...new Set(scope.values())].flatMap((table) => table.columns[name]?.facts.type ?? [])
  const [first, ...others] = types
  if (others.some((type) => type.postgres !== first?.postgres || type.kind !== first.kind)) {
    throw new QueryDefinitionError(`The column ${name} stands in several tables of this query; qualify it.`)
  }
  return first
}
