import {
  AndNode,
  type BinaryOperationNode,
  type ColumnUpdateNode,
  DefaultInsertValueNode,
  type InsertQueryNode,
  LimitNode,
  type OperationNode,
  OperationNodeTransformer,
  OperatorNode,
  OrderByItemNode,
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
import { QueryDefinitionError } from '../errors.ts'
import { listType } from '../schema/composite-types.ts'
import type { Dialect, ValueType } from '../schema/value-type.ts'
import { markOf } from './marks.ts'
import {
  isMembership,
  isTypedOperator,
  requireComparable,
  requirePortable,
  requireSortable,
} from './operators.ts'
import { Bound, Param } from './param.ts'
import { resultHints } from './result-hints.ts'
import { type Registry, Scope } from './scope.ts'
import { expandReturning, expandSelections } from './select-all.ts'

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
  readonly hints: ReadonlyMap<string, ValueType<unknown>>
  readonly #target: Target
  readonly #registry: Registry
  readonly #scope: Scope
  /** How many `portable` expressions we are inside of; there one engine's operators are allowed. */
  #forks = 0

  constructor(root: OperationNode, registry: Registry, target: Target) {
    super()
    this.#target = target
    this.#registry = registry
    this.#scope = new Scope(root, registry)
    this.hints = resultHints(this.#scope.outputsOf(root))
  }

  protected override transformNodeImpl<T extends OperationNode>(node: T): T {
    const before = this.#forks
    try {
      return super.transformNodeImpl(this.#unmark(node)) as T
    } finally {
      this.#forks = before
    }
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
        this.#forks++
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

  protected override transformValue(node: ValueNode): ValueNode {
    return node.immediate || node.value instanceof Bound ? node : ValueNode.create(new Bound(node.value))
  }

  // Note: SQLite plans by the value of a bare bound limit, and so prepares the statement anew for every execution.
  protected override transformLimit(node: LimitNode): LimitNode {
    const { limit } = super.transformLimit(node)
    if (this.#target.dialect !== 'sqlite') return LimitNode.create(limit)
    return LimitNode.create(RawNode.create(['(', ' + 0)'], [limit]))
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
      if (items.some((item) => DefaultInsertValueNode.is(item))) {
        throw new QueryDefinitionError('Every row of one INSERT must name the same columns.')
      }
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
      value: this.#bind(node.value, this.#typeOf(node.column)),
    })
  }

  protected override transformBinaryOperation(node: BinaryOperationNode): BinaryOperationNode {
    const operator = OperatorNode.is(node.operator) ? node.operator.operator : ''
    const { leftOperand: left, rightOperand: right } = node
    if (this.#forks === 0) {
      requirePortable(operator)
      for (const side of [left, right]) {
        const type = this.#typeOf(side)
        if (type) requireComparable(type.kind, operator)
      }
    }
    if (isMembership(operator)) {
      const list = this.#membership(left, operator, right)
      if (list) return super.transformBinaryOperation({ ...node, ...list })
    }
    if (operator === 'between' && AndNode.is(right)) {
      const [low, high] = [right.left, right.right].map((bound) => this.#bindLike(bound, left))
      if (low && high) {
        return super.transformBinaryOperation({ ...node, rightOperand: AndNode.create(low, high) })
      }
    }
    if (!isTypedOperator(operator)) return super.transformBinaryOperation(node)
    return super.transformBinaryOperation({
      ...node,
      operator: this.#nullSafe(node.operator, operator, right),
      leftOperand: this.#bindLike(left, right),
      rightOperand: this.#bindLike(right, left),
    })
  }

  /** `is $1` is SQLite's own; both engines know the standard's words for it. */
  #nullSafe(node: OperationNode, operator: string, right: OperationNode): OperationNode {
    if (!ValueNode.is(right) || right.immediate) return node
    if (operator === 'is') return OperatorNode.create('is not distinct from')
    return operator === 'is not' ? OperatorNode.create('is distinct from') : node
  }

  #bindLike(node: OperationNode, other: OperationNode): OperationNode {
    if (TupleNode.is(node) && TupleNode.is(other)) {
      return TupleNode.create(node.values.map((item, i) => this.#bind(item, this.#typeOf(other.values[i]))))
    }
    return this.#bind(node, this.#typeOf(other))
  }

  #typeOf(node: OperationNode | undefined): ValueType<unknown> | undefined {
    return node && this.#scope.typeOf(node, this.nodeStack.findLast(isQueryNode))?.type
  }

  #bind(node: OperationNode, type: ValueType<unknown> | undefined): OperationNode {
    if (ParensNode.is(node)) return ParensNode.create(this.#bind(node.node, type))
    if (!ValueNode.is(node) || node.immediate || node.value instanceof Bound) return node
    return ValueNode.create(new Bound(node.value, type))
  }

  /** A list becomes one array parameter, so that lists of every length are one prepared statement. */
  #membership(left: OperationNode, operator: string, right: OperationNode) {
    const type = this.#typeOf(left)
    const isParam = ValueNode.is(right) && right.value instanceof Param
    if (!isParam && !PrimitiveValueListNode.is(right)) return undefined
    if (type === undefined) {
      throw new QueryDefinitionError(`The list of "${operator}" needs a declared column before it.`)
    }
    const value = PrimitiveValueListNode.is(right) ? right.values : right.value
    const list = ValueNode.create(new Bound(value, listType(type)))
    if (this.#target.dialect === 'sqlite') {
      const item = type.kind === 'bytes' ? 'unhex(value)' : 'value'
      return { rightOperand: RawNode.create([`(select ${item} from json_each(`, '))'], [list]) }
    }
    return operator === 'in'
      ? { operator: OperatorNode.create('='), rightOperand: RawNode.create(['any(', ')'], [list]) }
      : { operator: OperatorNode.create('<>'), rightOperand: RawNode.create(['all(', ')'], [list]) }
  }

  /** PostgreSQL holds NULL for the largest value and SQLite for the smallest; here it is the smallest. */
  protected override transformOrderByItem(node: OrderByItemNode): OrderByItemNode {
    const typed = this.#scope.typeOf(node.orderBy, this.nodeStack.findLast(isQueryNode))
    if (typed) requireSortable(typed.type.kind)
    const isDefault = this.#target.dialect === 'postgres' && node.nulls === undefined
    if (!isDefault || typed?.isNullable === false) return super.transformOrderByItem(node)
    const isDescending = node.direction !== undefined && /desc/i.test(JSON.stringify(node.direction))
    return super.transformOrderByItem(
      OrderByItemNode.cloneWith(node, { nulls: isDescending ? 'last' : 'first' }),
    )
  }

  protected override transformSelectQuery(node: SelectQueryNode): SelectQueryNode {
    return super.transformSelectQuery(expandSelections(node, this.#scope))
  }

  protected override transformReturning(node: ReturningNode): ReturningNode {
    const root = this.nodeStack.at(-2)
    return super.transformReturning(root ? expandReturning(node, root, this.#scope) : node)
  }
}

const isQueryNode = (node: OperationNode): boolean => node.kind.endsWith('QueryNode')
