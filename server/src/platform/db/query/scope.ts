import {
  AliasNode,
  ColumnNode,
  CommonTableExpressionNode,
  DeleteQueryNode,
  IdentifierNode,
  InsertQueryNode,
  type OperationNode,
  ParensNode,
  RawNode,
  ReferenceNode,
  SelectAllNode,
  SelectQueryNode,
  TableNode,
  UpdateQueryNode,
} from 'kysely'
import { QueryDefinitionError } from '../errors.ts'
import { booleanType } from '../schema/scalar-types.ts'
import type { AnyTable } from '../schema/table.ts'
import type { ValueType } from '../schema/value-type.ts'
import { markOf } from './marks.ts'

/** The declared tables by name; the compiler resolves every column against it. */
export type Registry = ReadonlyMap<string, AnyTable>

/** What is known of an expression before any engine sees it. */
export interface Typed {
  readonly type: ValueType<unknown>
  readonly isNullable: boolean
  /** Named by `computed`, so the engine's value is checked against it. */
  readonly isComputed: boolean
}

/** One result column of a query; without `typed` when it needs a `computed`. */
export interface OutputColumn {
  readonly name: string
  readonly typed: Typed | undefined
}

type Query = SelectQueryNode | InsertQueryNode | UpdateQueryNode | DeleteQueryNode

function isQuery(node: OperationNode): node is Query {
  return (
    SelectQueryNode.is(node) ||
    InsertQueryNode.is(node) ||
    UpdateQueryNode.is(node) ||
    DeleteQueryNode.is(node)
  )
}

function isNode(value: unknown): value is OperationNode {
  return typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string'
}

function children(node: OperationNode): OperationNode[] {
  const mark = markOf(node)
  if (mark?.kind === 'computed' || mark?.kind === 'owner') return [mark.inner]
  if (mark?.kind === 'fork') return [mark.sides.sqlite]
  return Object.values(node)
    .flatMap((field: unknown) => (Array.isArray(field) ? field : [field]))
    .filter(isNode)
}

/** The name under which a FROM item is known, and what it is. */
function named(node: OperationNode): { name: string; is: OperationNode } | undefined {
  if (TableNode.is(node)) return { name: node.table.identifier.name, is: node }
  if (AliasNode.is(node) && IdentifierNode.is(node.alias)) return { name: node.alias.name, is: node.node }
  return undefined
}

/** The FROM items of a query in order, each with whether an outer join may leave it empty. */
export function sourcesOf(query: OperationNode): { name: string; isOuter: boolean }[] {
  if (!isQuery(query)) return []
  const joins = InsertQueryNode.is(query) ? [] : (query.joins ?? [])
  const froms = InsertQueryNode.is(query)
    ? [query.into]
    : UpdateQueryNode.is(query)
      ? [query.table, ...(query.from?.froms ?? [])]
      : (query.from?.froms ?? [])
  const mayBeEmpty = (side: string) => joins.some(({ joinType }) => joinType.startsWith(side))
  const all = [
    ...froms.map((from) => ({ node: from, isOuter: mayBeEmpty('Right') || mayBeEmpty('Full') })),
    ...joins.map(({ table, joinType }) => ({ node: table, isOuter: !/Inner|Cross/.test(joinType) })),
  ]
  return all.flatMap(({ node, isOuter }) => {
    const source = node && named(node)
    return source ? [{ name: source.name, isOuter }] : []
  })
}

/** Whether two types decode alike and hold the same values. */
function isSameType(one: ValueType<unknown>, other: ValueType<unknown>): boolean {
  const facts = (type: ValueType<unknown>) =>
    [type.kind, type.postgres, type.constraint?.('sqlite', 'x')].join(' ')
  return one === other || facts(one) === facts(other)
}

/**
 * The names of one statement and the types of its columns, worked out from the declarations alone, so that both engines
 * accept the same statements and give the same values. One name means one table throughout a statement.
 */
export class Scope {
  readonly #registry: Registry
  readonly #tables = new Map<string, AnyTable>()
  readonly #queries = new Map<string, OperationNode>()
  readonly #columns = new Map<string, readonly OutputColumn[]>()

  constructor(root: OperationNode, registry: Registry) {
    this.#registry = registry
    const unions: SelectQueryNode[] = []
    const walk = (node: OperationNode) => {
      if (ReferenceNode.is(node)) return
      if (SelectQueryNode.is(node) && node.setOperations) unions.push(node)
      this.#collect(node)
      for (const child of children(node)) walk(child)
    }
    walk(root)
    for (const union of unions) this.#requireEqualArms(union)
  }

  #collect(node: OperationNode): void {
    if (CommonTableExpressionNode.is(node)) {
      this.#addQuery(node.name.table.table.identifier.name, node.expression)
    } else if (AliasNode.is(node) && IdentifierNode.is(node.alias)) {
      if (TableNode.is(node.node)) this.#addTable(node.alias.name, node.node)
      else if (SelectQueryNode.is(node.node)) this.#queries.set(node.alias.name, node.node)
    } else if (TableNode.is(node)) this.#addTable(node.table.identifier.name, node)
    else if (InsertQueryNode.is(node) && node.onConflict && node.into) this.#addTable('excluded', node.into)
  }

  #addQuery(name: string, query: OperationNode): void {
    if (this.#registry.has(name)) {
      throw new QueryDefinitionError(`A WITH cannot be called ${name}: that is a declared table.`)
    }
    this.#queries.set(name, query)
  }

  #addTable(name: string, node: TableNode): void {
    const table = this.#registry.get(node.table.identifier.name)
    if (!table) return
    const known = this.#tables.get(name)
    if (known && known !== table) {
      throw new QueryDefinitionError(`The name ${name} stands for two tables in one query.`)
    }
    this.#tables.set(name, table)
  }

  /** The columns behind a name of FROM or WITH, in order; `undefined` when nothing declared is behind it. */
  columnsOf(name: string): readonly OutputColumn[] | undefined {
    const known = this.#columns.get(name)
    if (known) return known
    const table = this.#tables.get(name)
    const query = this.#queries.get(name)
    if (!table && !query) return undefined
    const columns = table ? declaredColumns(table) : query ? this.outputsOf(query) : []
    this.#columns.set(name, columns)
    return columns
  }

  /** What a query gives back, in order. A UNION is named and typed by its first arm. */
  outputsOf(node: OperationNode): readonly OutputColumn[] {
    if (ParensNode.is(node)) return this.outputsOf(node.node)
    if (!isQuery(node)) return []
    const selections = SelectQueryNode.is(node) ? node.selections : node.returning?.selections
    return (selections ?? []).flatMap(({ selection }) => this.#outputOf(selection, node))
  }

  #outputOf(selection: OperationNode, query: Query): OutputColumn[] {
    const isAll = SelectAllNode.is(selection)
    if (isAll || (ReferenceNode.is(selection) && SelectAllNode.is(selection.column))) {
      const only = isAll ? undefined : selection.table?.table.identifier.name
      const sources = SelectQueryNode.is(query) ? sourcesOf(query) : sourcesOf(query).slice(0, 1)
      return sources
        .filter(({ name }) => only === undefined || name === only)
        .flatMap(({ name }) => this.columnsOf(name) ?? [{ name: '*', typed: undefined }])
    }
    if (AliasNode.is(selection) && IdentifierNode.is(selection.alias)) {
      return [{ name: selection.alias.name, typed: this.typeOf(selection.node, query) }]
    }
    const column = ReferenceNode.is(selection) ? selection.column : selection
    const name = ColumnNode.is(column) ? column.column.name : ''
    return [{ name, typed: this.typeOf(selection, query) }]
  }

  /** The type of an expression that stands in `query`; `undefined` when only the engine would know. */
  typeOf(node: OperationNode, query?: OperationNode): Typed | undefined {
    const mark = markOf(node)
    if (mark?.kind === 'computed') return { type: mark.type, isNullable: true, isComputed: true }
    if (mark?.kind === 'value') return { type: mark.type, isNullable: true, isComputed: true }
    if (mark?.kind === 'owner') return { type: booleanType, isNullable: true, isComputed: true }
    if (ParensNode.is(node)) return this.typeOf(node.node, query)
    if (SelectQueryNode.is(node)) return nullable(this.outputsOf(node)[0]?.typed)
    if (RawNode.is(node)) {
      const [only, ...others] = node.parameters
      const isBare = only && others.length === 0 && node.sqlFragments.every((text) => text === '')
      return isBare ? this.typeOf(only, query) : undefined
    }
    return this.#typeOfReference(node, query)
  }

  #typeOfReference(node: OperationNode, query: OperationNode | undefined): Typed | undefined {
    const column = ReferenceNode.is(node) ? node.column : node
    if (!ColumnNode.is(column)) return undefined
    const name = column.column.name
    const find = (source: string) => this.columnsOf(source)?.find((found) => found.name === name)?.typed
    const near = query ? sourcesOf(query) : []
    if (ReferenceNode.is(node) && node.table) {
      const source = node.table.table.identifier.name
      const isOuter = near.some((entry) => entry.name === source && entry.isOuter)
      return isOuter ? nullable(find(source)) : find(source)
    }
    const here = near.flatMap(({ name: source, isOuter }) => {
      const found = find(source)
      return found ? [isOuter ? { ...found, isNullable: true } : found] : []
    })
    return this.#agreed(name, here.length > 0 ? here : this.#everywhere(find))
  }

  #everywhere(find: (source: string) => Typed | undefined): Typed[] {
    return [...new Set([...this.#tables.keys(), ...this.#queries.keys()])].flatMap((name) => find(name) ?? [])
  }

  #agreed(name: string, found: readonly Typed[]): Typed | undefined {
    const [first, ...others] = found
    if (first && others.some(({ type }) => !isSameType(type, first.type))) {
      throw new QueryDefinitionError(`The column ${name} stands in several tables of this query; qualify it.`)
    }
    return first && { ...first, isNullable: found.some(({ isNullable }) => isNullable) }
  }

  #requireEqualArms(union: SelectQueryNode): void {
    const expected = this.outputsOf(union)
    for (const { expression } of union.setOperations ?? []) {
      for (const [i, { typed }] of this.outputsOf(expression).entries()) {
        const first = expected[i]?.typed
        if (typed && first && !isSameType(typed.type, first.type)) {
          throw new QueryDefinitionError(
            `The arms of a ${union.setOperations?.[0]?.operator ?? 'union'} differ in the type of ${expected[i]?.name}.`,
          )
        }
      }
    }
  }
}

function declaredColumns(table: AnyTable): OutputColumn[] {
  return Object.entries(table.columns).map(([name, { facts }]) => ({
    name,
    typed: { type: facts.type, isNullable: facts.isNullable, isComputed: false },
  }))
}

function nullable(typed: Typed | undefined): Typed | undefined {
  return typed && { ...typed, isNullable: true }
}
