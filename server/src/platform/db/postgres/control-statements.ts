import type { Statement } from '../query/compile.ts'
import type { Registry } from '../query/scope.ts'
import { textType } from '../schema/scalar-types.ts'

const statements = new Map<string, Statement>()
const idBySql = new Map<string, number>()

function idOf(sql: string): number {
  const id = idBySql.get(sql) ?? -1 - idBySql.size
  idBySql.set(sql, id)
  return id
}

/**
 * A statement outside the builder, for code that walks declarations; its numbers are negative, so that they never meet the
 * builder's. The same words have the same number, however often they are made: a connection never forgets what it has
 * prepared. So they must be made of declarations alone, and their hints be the same each time. Result columns are read as
 * `registry` declares them.
 */
export function rawStatement(sql: string, registry: Registry = new Map()): Statement {
  return { id: idOf(sql), sql, encode: () => [], hints: new Map(), registry }
}

/** BEGIN, COMMIT, SAVEPOINT s1 …: few texts, so each is prepared once per connection. */
export function controlStatement(sql: string): Statement {
  const known = statements.get(sql) ?? rawStatement(sql)
  statements.set(sql, known)
  return known
}

const CONTEXT = `set_config('app.uid', $1, true) as member, set_config('app.system', $2, true) as system`

/** The same for a transaction that only reads, whatever its statements call. Nobody reads its results. */
export const SET_READ_CONTEXT: Statement = rawStatement(
  `select ${CONTEXT}, set_config('transaction_read_only', 'on', true)`,
)

/** Sets the member and the system flag that row security reads, for this transaction alone (`is_local`). */
export const SET_CONTEXT: Statement = {
  ...rawStatement(`select ${CONTEXT}`),
  hints: new Map([
    ['member', textType(64)],
    ['system', textType(8)],
  ]),
}
