import { searchWords } from '../schema/composite-types.ts'
import { canonicalText, checkText } from '../schema/scalar-types.ts'
import type { ValueType } from '../schema/value-type.ts'

/** What people type, in canonical form and made into a pattern. */
function patternType(write: (canonical: string) => string): ValueType<string> {
  return {
    kind: 'text',
    postgres: 'text',
    sqlite: 'text',
    check: (value) => canonicalText(checkText(value, 'text')),
    toSqlite: write,
    toPostgres: write,
  }
}

const LAST = '\u{10FFFF}' // sorts after every other character, byte by byte

/** A LIKE pattern; `%` and `_` mean themselves. */
export const containsPattern = patternType((text) => `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`)
/** The two ends of the range of texts that start alike. */
export const startsWithFirst = patternType((text) => text)
export const startsWithLast = patternType((text) => `${text}${LAST}`)

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
