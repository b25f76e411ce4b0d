import { isRefusedName, refusedText } from './json-body.ts'

/** Why a form or query string was refused: `field` is empty when it was the whole of it. */
export interface RefusedForm {
  readonly field: string
  readonly reason: string
  /** The bytes could not be decoded, rather than decoded to something refused. */
  readonly malformed: boolean
}

/** The decoded fields by name; a list for a name that was repeated. */
export type FormFields = Record<string, string | string[]>

const MAX_FIELDS = 100

/**
 * Reads `a=1&b=2` (WHATWG URL, application/x-www-form-urlencoded) strictly: broken percent-encoding, bytes that are
 * not UTF-8, NUL and dangerous names are refused. A repeated field becomes an array, for the caller to allow or not.
 */
export function parseFormText(text: string): FormFields | RefusedForm {
  const fields: FormFields = Object.create(null)
  if (text === '') return fields
  const pairs = text.split('&', MAX_FIELDS + 1)
  if (pairs.length > MAX_FIELDS) return refusal('', `has more than ${MAX_FIELDS} fields`)
  for (const pair of pairs) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decode(equals === -1 ? pair : pair.slice(0, equals))
    const value = equals === -1 ? '' : decode(pair.slice(equals + 1))
    if (name === undefined) return { field: '', reason: 'is not properly percent-encoded', malformed: true }
    if (value === undefined)
      return { field: name, reason: 'is not properly percent-encoded', malformed: true }
    if (isRefusedName(name)) return refusal(name, 'is not an allowed name')
    const reason = refusedText(name) ?? refusedText(value)
    if (reason !== undefined) return refusal(name, reason)
    add(fields, name, value)
  }
  return fields
}

/** Tells a refusal from fields. */
export function isRefused(result: FormFields | RefusedForm): result is RefusedForm {
  return typeof result.malformed === 'boolean'
}

function refusal(field: string, reason: string): RefusedForm {
  return { field, reason, malformed: false }
}

function add(fields: FormFields, name: string, value: string): void {
  const before = fields[name]
  if (before === undefined) fields[name] = value
  else if (typeof before === 'string') fields[name] = [before, value]
  else before.push(value)
}

function decode(text: string): string | undefined {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return undefined
  }
}
