import type { Dialect } from './value-type.ts'

/** An SQL identifier; declared names are ours, quoting keeps words like `order` usable. */
export const quoteName = (name: string): string => `"${name}"`

/** An SQL string literal. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** What stands in a statement's text for its value number `i`, counted from 0. */
export function placeholder(dialect: Dialect, i: number): string {
  return dialect === 'sqlite' ? '?' : `$${i + 1}`
}
