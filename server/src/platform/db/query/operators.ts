import { QueryDefinitionError } from '../errors.ts'
import type { ValueKind } from '../schema/value-type.ts'

const EQUALITY = ['=', '==', '!=', '<>', 'is distinct from', 'is not distinct from']
const ORDER = ['<', '<=', '>', '>=', 'between']
const MEMBERSHIP = ['in', 'not in']
const NULLNESS = ['is', 'is not']
const ARITHMETIC = ['+', '-', '*', '/', '%', '||', '&', '|', '<<', '>>']

const PORTABLE = new Set([...EQUALITY, ...ORDER, ...MEMBERSHIP, ...NULLNESS, ...ARITHMETIC])
const TYPED = new Set([...EQUALITY, ...ORDER, ...NULLNESS])
const EQUAL = new Set([...EQUALITY, ...MEMBERSHIP])
const ORDERED = new Set(ORDER)

/** Kinds that one engine keeps in another form than the other, so that `1.0`, or `{"a":1,"b":2}`, equals other things there. */
const NEVER_COMPARED = new Set<ValueKind>(['jsonb', 'decimal', 'sealed'])
const NEVER_SORTED = new Set<ValueKind>([...NEVER_COMPARED, 'array'])

/** Whether a parameter on one side takes the type of the column on the other. */
export const isTypedOperator = (operator: string): boolean => TYPED.has(operator)
export const isMembership = (operator: string): boolean => operator === 'in' || operator === 'not in'

/** Throws for LIKE, `@>` and other operators that the engines read differently or not at all. */
export function requirePortable(operator: string): void {
  if (!PORTABLE.has(operator)) {
    throw new QueryDefinitionError(
      `The engines do not agree on the operator ${operator}; use a portable expression.`,
    )
  }
}

/** Throws where equality or order of a kind is not the same on both engines. */
export function requireComparable(kind: ValueKind, operator: string): void {
  const isRefused = EQUAL.has(operator)
    ? NEVER_COMPARED.has(kind)
    : ORDERED.has(operator) && NEVER_SORTED.has(kind)
  if (isRefused) throw new QueryDefinitionError(`The engines do not compare ${kind} columns alike.`)
}

/** The same for ORDER BY. */
export function requireSortable(kind: ValueKind): void {
  if (NEVER_SORTED.has(kind)) throw new QueryDefinitionError(`The engines do not sort ${kind} columns alike.`)
}
