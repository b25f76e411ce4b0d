import {
  type AliasNode,
  type BinaryOperationNode,
  type ColumnUpdateNode,
  IdentifierNode,
  type InsertQueryNode,
  type OperationNode,
  OperationNodeTransformer,
  OperatorNode,
  ParensNode,
  PrimitiveValueListNode,
  RawNode,
  type ReturningNode,
  type SelectQueryNode,
  TupleNode,
  ValueListNode,
  ValueNode,
  ValuesNode,
} from 'kysely'
import { arrayType } from '../schema/composite-types.ts'
import type { Dialect, ValueType } from '../schema/value-type.ts'
import { markOf } from './marks.ts'
import { Bound, Param } from './param.ts'
import { type Registry, type Scope, scopeOf, typeOfReference } from './scope.ts'
import { expandReturning, expandSelections } from './select-all.ts'

const TYPED_OPERATORS = new Set([
  '=',
  '==',
  '!=',
  '<>',
  '<',
  '<=',
  '>',
  '>=',
  'is',
  'is not',
  'is distinct from',
  'is not distinct from',
])
const LIST_OPERATORS = new Set(['in', 'not in'])

/** What a statement is compiled for. `ownerPredicates` is off only where tests prove that row security holds alone. */
export interface Target {
  readonly dialect: Dialect
  readonly ownerPredicates: boolean
}

/**
 * Rewrites one built statement for one engine: binds each value to the type of the column beside it, picks the engine's
 * side of portable expressions, writes `*` out as the declared columns, and collects the result hints.
 */
export class PortableTransformer extends OperationNodeTransformer {
  readonly hints = new Map<string, ValueType<unknown>>()
  readonly #target: Target
  readonly #registry: Registry
  readonly #scope: Scope

  constructor(root: OperationNode, registry: Registry, target: Target) {
    super()
    this.#target = target
    this.#registry = registry
    this.#scope = scopeOf(root, registry)
  }

  protected override transformNodeImpl<T extends OperationNode>(node: T): T {
    return super.transformNodeImpl(this.#unmark(node)) as T
  }

  /** Replaces a marked node by what it stands for on this target; what it stands for may be marked again. */
  #unmark(node: OperationNode): OperationNode {
    const mark = markOf(node)
    switch (mark?.kind) {
      case undefined:
        return node
      case 'computed':
        return this.#unmark(mark.inner)
      case 'fork':
        return this.#unmark(mark.sides[this.#target.dialect])
      case 'owner':
        return this.#target.ownerPredicates ? mark.inner : RawNode.createWithSql('true')
      case 'value':
        return this.#typedValue(mark.value, mark.type)
    }
  }

  /** PostgreSQL cannot infer the type of a bare parameter, so an explicit value carries a cast there. */
  #typedValue(value: unknown, type: ValueType<unknown>): OperationNode {
    const bound = ValueNode.create(new Bound(value, type))
    return this.#target.dialect === 'sqlite'
      ? bound
      : RawNode.create(['cast(', ` as ${type.postgres})`], [bound])
  }

  protected override transformAlias(node: AliasNode): AliasNode {
    const mark = markOf(node.node)
    if (mark?.kind === 'computed' && IdentifierNode.is(node.alias)) this.hints.set(node.alias.name, mark.type)
    return super.transformAlias(node)
  }

  protected override transformValue(node: ValueNode): ValueNode {
    return node.immediate || node.value instanceof Bound ? node : ValueNode.create(new Bound(node.value))
  }

  protected override transformPrimitiveValueList(node: PrimitiveValueListNode): PrimitiveValueListNode {
    return PrimitiveValueListNode.create(
      node.values.map((value) => (value instanceof Bound ? value : new Bound(value))),
    )
  }

  protected override transformInsertQuery(node: InsertQueryNode): InsertQueryNode {
    const types = (node.columns ?? []).map((column) => this.#insertedType(node, column.column.name))
    const { values } = node
    if (values === undefined || !ValuesNode.is(values)) return super.transformInsertQuery(node)
    const rows = values.values.map((row) => {
      const items = PrimitiveValueListNode.is(row)
        ? row.values.map((item) => ValueNode.create(item))
        : row.values
      return ValueListNode.create(items.map((item, i) => this.#bind(item, types[i])))
    })
    return super.transformInsertQuery({ ...node, values: ValuesNode.create(rows) })
  }

  #insertedType(node: InsertQueryNode, column: string): ValueType<unknown> | undefined {
    const name = node.into?.table.identifier.name ?? ''
    return this.#registry.get(name)?.columns[column]?.facts.type
  }

  protected override transformColumnUpdate(node: ColumnUpdateNode): ColumnUpdateNode {
    return super.transformColumnUpdate({
      ...node,
      value: this.#bind(node.value, typeOfReference(node.column, this.#scope)),
    })
  }

  protected override transformBinaryOperation(node: BinaryOperationNode): BinaryOperationNode {
    const operator = OperatorNode.is(node.operator) ? node.operator.operator : ''
    const { leftOperand: left, rightOperand: right } = node
    if (LIST_OPERATORS.has(operator)) {
      const list = this.#membership(typeOfReference(left, this.#scope), operator, right)
      if (list) return super.transformBinaryOperation({ ...node, ...list })
    }
    if (!TYPED_OPERATORS.has(operator)) return super.transformBinaryOperation(node)
    return super.transformBinaryOperation({
      ...node,
      leftOperand: this.#bindLike(left, right),
      rightOperand: this.#bindLike(right, left),
    })
  }

  #bindLike(node: OperationNode, other: OperationNode): OperationNode {
    if (TupleNode.is(node) && TupleNode.is(other)) {
      return TupleNode.create(node.values.map((item, i) => this.#bind(item, this.#typeOf(other.values[i]))))
    }
    return this.#bind(node, this.#typeOf(other))
  }

  #typeOf(node: OperationNode | undefined): ValueType<unknown> | undefined {
    if (node === undefined) return undefined
    const mark = markOf(node)
    return mark?.kind === 'computed' ? mark.type : typeOfReference(node, this.#scope)
  }

  #bind(node: OperationNode, type: ValueType<unknown> | undefined): OperationNode {
    if (ParensNode.is(node)) return ParensNode.create(this.#bind(node.node, type))
    if (!ValueNode.is(node) || node.immediate || node.value instanceof Bound) return node
    return ValueNode.create(new Bound(node.value, type))
  }

  /** A list becomes one array parameter, so that lists of every length are one prepared statement. */
  #membership(type: ValueType<unknown> | undefined, operator: string, right: OperationNode) {
    const isParam = ValueNode.is(right) && right.value instanceof Param
    if (type === undefined || !(isParam || PrimitiveValueListNode.is(right))) return undefined
    const value = PrimitiveValueListNode.is(right) ? right.values : isParam ? right.value : undefined
    const list = ValueNode.create(new Bound(value, arrayType(type as ValueType<string>)))
    if (this.#target.dialect === 'sqlite') {
      return { rightOperand: RawNode.create(['(select value from json_each(', '))'], [list]) }
    }
    return operator === 'in'
      ? { operator: OperatorNode.create('='), rightOperand: RawNode.create(['any(', ')'], [list]) }
      : { operator: OperatorNode.create('<>'), rightOperand: RawNode.create(['all(', ')'], [list]) }
  }

  protected override transformSelectQuery(node: SelectQueryNode): SelectQueryNode {
    return super.transformSelectQuery(expandSelections(node, this.#registry))
  }

  protected override transformReturning(node: ReturningNode): ReturningNode {
    const root = this.nodeStack.at(-2)
    return super.transformReturning(root ? expandReturning(node, root, this.#registry) : node)
  }
}
