import { isRefused, parseFormText, type RefusedForm } from './form-text.ts'

/** Longest query string, in bytes as sent (C41). */
export const maxQueryLength = 2_048

const refused = Symbol('refused')

/** A query string by name, or the mark of a refused one. */
export interface ParsedQuery {
  [name: string]: unknown
  [refused]?: RefusedForm
}

const none: ParsedQuery = Object.freeze(Object.create(null))

/**
 * The router's query parser. It runs before any hook and so must not throw: a refused query string is marked, for the
 * request guard to find with `refusalOf` and turn into a 4xx.
 */
export function parseQueryString(text: string): ParsedQuery {
  if (text === '') return none
  if (text.length > maxQueryLength) {
    return { [refused]: { field: '', reason: `is longer than ${maxQueryLength} bytes`, malformed: false } }
  }
  const fields = parseFormText(text)
  return isRefused(fields) ? { [refused]: fields } : fields
}

/** Why the query was refused, or undefined. */
export function refusalOf(query: unknown): RefusedForm | undefined {
  return (query as ParsedQuery | undefined)?.[refused]
}
