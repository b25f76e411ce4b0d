import { refusals } from './vendor-error.ts'

/** The value when it is one of those allowed; else the vendor's 422. */
export function choose<const T extends string>(name: string, value: unknown, values: readonly T[]): T {
  const found = values.find((one) => one === value)
  if (found === undefined) throw refusals.badInput(`invalid ${name}`)
  return found
}

/** A moment in RFC 3339, in milliseconds. */
export function readMoment(name: string, text: string): number {
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw refusals.badInput(`invalid ${name}`)
  return ms
}

/** Text of a URL without its escapes, or as it is when they are broken. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
