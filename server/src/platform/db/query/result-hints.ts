import { QueryDefinitionError } from '../errors.ts'
import type { ValueType } from '../schema/value-type.ts'
import type { OutputColumn } from './scope.ts'

/**
 * A type for values that an engine computed: what comes out is checked, because a wrong `computed` would otherwise give
 * a number on one engine and a string on the other.
 */
function checked(type: ValueType<unknown>): ValueType<unknown> {
  const { fromSqlite, fromPostgres } = type
  return {
    ...type,
    fromSqlite(raw) {
      if (type.kind === 'boolean' && raw !== 0 && raw !== 1) return type.check(raw)
      return type.check(fromSqlite ? fromSqlite(raw) : raw)
    },
    fromPostgres(text) {
      if (type.kind === 'boolean' && text !== 't' && text !== 'f') return type.check(text)
      return type.check(fromPostgres ? fromPostgres(text) : text)
    },
  }
}

/**
 * The types of a statement's result columns by name. Throws `QueryDefinitionError` when only the engine would know one,
 * or when two columns have one name and a row could hold one of them only.
 */
export function resultHints(outputs: readonly OutputColumn[]): ReadonlyMap<string, ValueType<unknown>> {
  const hints = new Map<string, ValueType<unknown>>()
  for (const { name, typed } of outputs) {
    if (!typed) {
      throw new QueryDefinitionError(
        `The result column "${name}" has no declared type; wrap it in computed(…).`,
      )
    }
    if (hints.has(name))
      throw new QueryDefinitionError(`Two result columns are called ${name}; name one anew.`)
    hints.set(name, typed.isComputed ? checked(typed.type) : typed.type)
  }
  return hints
}
