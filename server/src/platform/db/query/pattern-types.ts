import { searchWords } from '../schema/composite-types.ts'
import { canonicalText, checkText } from '../schema/scalar-types.ts'
import type { ValueType } from '../schema/value-type.ts'

/** What people type, as a LIKE pattern for canonical text; `%` and `_` mean themselves. */
function likeType(before: string, after: string): ValueType<string> {
  return {
    kind: 'text',
    postgres: 'text',
    sqlite: 'text',
    check: (value) => canonicalText(checkText(value, 'text')).replaceAll(/[\\%_]/g, '\\$&'),
    toSqlite: (value) => `${before}${value}${after}`,
    toPostgres: (value) => `${before}${value}${after}`,
  }
}

export const containsPattern = likeType('%', '%')
export const startsWithPattern = likeType('', '%')

function joinWords(words: string, quote: (word: string, isLast: boolean) => string, and: string): string {
  const list = words.split(' ').filter((word) => word !== '')
  return list.map((word, i) => quote(word, i === list.length - 1)).join(and)
}

/**
 * What people type, as each engine's full-text query: every word, the last one as a prefix. The words are folded and
 * quoted, so no operator of either engine can be injected.
 */
export const wordsQueryType: ValueType<string> = {
  kind: 'text',
  postgres: 'tsquery',
  sqlite: 'text',
  check: (value) => searchWords(checkText(value, 'text')),
  toSqlite: (value) => joinWords(value, (word, isLast) => `"${word}"${isLast ? '*' : ''}`, ' AND ') || '""', // FTS5 refuses an empty query and finds nothing for an empty phrase
  toPostgres: (value) => joinWords(value, (word, isLast) => `'${word}'${isLast ? ':*' : ''}`, ' & '),
}
