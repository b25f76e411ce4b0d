import { type Expression, type RawBuilder, sql } from 'kysely'

/**
 * The rows after `last` in the order of `columns`, newest first: `(created_at, id) < (last.created_at, last.id)`, which
 * both engines answer from an index on the same columns at the same cost on every page
 * (https://www.sqlite.org/rowvalue.html section 2.2).
 */
export function keysetBefore(
  columns: readonly string[],
  last: readonly Expression<unknown>[],
): RawBuilder<boolean> {
  return sql<boolean>`(${sql.join(columns.map((name) => sql.ref(name)))}) < (${sql.join(last)})`
}

/** The same, oldest first. */
export function keysetAfter(
  columns: readonly string[],
  last: readonly Expression<unknown>[],
): RawBuilder<boolean> {
  return sql<boolean>`(${sql.join(columns.map((name) => sql.ref(name)))}) > (${sql.join(last)})`
}
