import { Decimal } from 'decimal.js'

declare global {
  interface JSON {
    /** ECMAScript, "JSON.parse source text access": `source` is the text of a number, string, boolean or null. */
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown
  }
}

const PLAIN = /^-?\d+(\.\d+)?$/
const POWER = /^-?\d+(\.\d+)?[eE][+-]?\d{1,3}$/

/**
 * The value of a JSON text with every number as its own text, in plain notation: no figure ever passes through a
 * floating-point number. `undefined` for any other text; never throws, and no message quotes the text.
 */
export function parseExactJson(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value, { source }) => (typeof value === 'number' ? plain(source) : value))
  } catch {
    return undefined
  }
}

/** Note: a power of a thousand digits stays as it is, or writing it out would fill the memory. */
function plain(source: string | undefined): unknown {
  if (source === undefined || PLAIN.test(source)) return source
  return POWER.test(source) ? new Decimal(source).toFixed() : source
}
