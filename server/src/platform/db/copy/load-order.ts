import { QueryDefinitionError } from '../errors.ts'
import type { AnyTable } from '../schema/table.ts'

/** One table in the order of filling. */
export interface LoadStep {
  readonly table: AnyTable
  /** Columns that point at rows filled later, this table's own included; they are set once everything is there. */
  readonly later: readonly string[]
}

interface Reference {
  readonly parent: string
  /** The columns that may stay null until the parent is there. */
  readonly nullable: readonly string[]
}

function referencesOf(table: AnyTable): Reference[] {
  const isNullable = (name: string) => table.columns[name]?.facts.isNullable === true
  const single = Object.entries(table.columns).flatMap(([name, { facts }]) =>
    facts.reference ? [{ parent: facts.reference.table, columns: [name] }] : [],
  )
  const composite = (table.foreignKeys ?? []).map(({ table: parent, columns }) => ({ parent, columns }))
  return [...single, ...composite].map(({ parent, columns }) => ({
    parent,
    nullable: columns.filter(isNullable),
  }))
}

/**
 * The tables in an order in which every row's parents are there before it. Throws `QueryDefinitionError` when tables need
 * each other through columns that cannot be null.
 */
export function loadOrder(tables: readonly AnyTable[]): LoadStep[] {
  const waiting = new Map(tables.map((table) => [table, referencesOf(table)]))
  const placed = new Set<string>()
  const steps: LoadStep[] = []
  const isMissing = ({ parent }: Reference) => !placed.has(parent)
  const mustWait = (table: AnyTable, reference: Reference) =>
    isMissing(reference) && reference.parent !== table.name
  while (waiting.size > 0) {
    const entries = [...waiting]
    const next =
      entries.find(([table, references]) => !references.some((one) => mustWait(table, one))) ??
      entries.find(([table, references]) =>
        references.every((one) => !mustWait(table, one) || one.nullable.length > 0),
      )
    if (!next)
      throw new QueryDefinitionError('Some tables need each other and cannot be filled in any order.')
    const [table, references] = next
    const missing = references.filter(isMissing)
    if (missing.some(({ nullable }) => nullable.length === 0)) {
      throw new QueryDefinitionError(
        `Rows of ${table.name} need each other and cannot be filled in any order.`,
      )
    }
    steps.push({ table, later: [...new Set(missing.flatMap(({ nullable }) => nullable))] })
    placed.add(table.name)
    waiting.delete(table)
  }
  return steps
}
