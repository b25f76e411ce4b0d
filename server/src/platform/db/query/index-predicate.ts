import { type Expression, sql } from 'kysely'

/**
 * What a partial index is declared with, letter by letter: only so does either engine see that the index has every row that
 * is asked for (https://www.sqlite.org/partialindex.html section 2). `where` is SQL of ours, never a text from elsewhere.
 */
export function indexPredicate(where: string): Expression<boolean> {
  return sql<boolean>`(${sql.raw(where)})`
}
