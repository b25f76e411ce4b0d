import { isUtf8 } from 'node:buffer'
import { httpErrors, validationFailed } from './http-errors.ts'
import { endOfString, findDuplicateKey } from './json-duplicates.ts'

/** How much a JSON body may hold (C41). */
export const jsonLimits = { depth: 32, strings: 1_000, stringBytes: 8_192 } as const

/**
 * Reads a JSON body strictly (C42): throws 400 when the text is not JSON, and 422 with the path when it is JSON
 * that two parsers could read differently or that exceeds `jsonLimits`. Time is linear in the length.
 */
export function parseJsonBody(bytes: Buffer): unknown {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    throw httpErrors.malformedBody({ reason: 'it starts with a byte order mark' })
  }
  if (!isUtf8(bytes)) throw httpErrors.malformedBody({ reason: 'it is not valid UTF-8' })
  const text = bytes.toString('utf8')
  const value = parse(text)
  const seen = { keys: 0, strings: 0 }
  check(value, [], seen)
  // Note: each key token is followed by one colon outside strings, so a differing count is a repeated key. This
  // costs a search for quotes instead of a second parser; the path is looked up only when there is one.
  if (countColons(text) !== seen.keys) refuse(findDuplicateKey(text), 'appears twice')
  return value
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw httpErrors.malformedBody({ reason: 'it is not valid JSON' })
  }
}

function countColons(text: string): number {
  let colons = 0
  let from = 0
  for (;;) {
    const open = text.indexOf('"', from)
    const end = open === -1 ? text.length : open
    for (let i = from; i < end; i++) if (text.charCodeAt(i) === 58) colons++
    if (open === -1) return colons
    from = endOfString(text, open) + 1
  }
}

type Path = (string | number)[]
type Seen = { keys: number; strings: number }

function check(value: unknown, path: Path, seen: Seen): void {
  if (typeof value === 'string') checkString(value, path, seen)
  else if (typeof value === 'number') checkNumber(value, path)
  else if (value !== null && typeof value === 'object') {
    if (path.length >= jsonLimits.depth) refuse(path, `is nested deeper than ${jsonLimits.depth} levels`)
    if (Array.isArray(value)) checkArray(value, path, seen)
    else checkObject(value as Record<string, unknown>, path, seen)
  }
}

function checkArray(items: readonly unknown[], path: Path, seen: Seen): void {
  for (let i = 0; i < items.length; i++) {
    path.push(i)
    check(items[i], path, seen)
    path.pop()
  }
}

function checkObject(fields: Record<string, unknown>, path: Path, seen: Seen): void {
  for (const key of Object.keys(fields)) {
    seen.keys++
    path.push(key)
    if (isRefusedName(key)) refuse(path, 'is not an allowed name')
    checkString(key, path, seen)
    check(fields[key], path, seen)
    path.pop()
  }
}

function checkString(text: string, path: Path, seen: Seen): void {
  if (++seen.strings > jsonLimits.strings)
    refuse([], `holds more than ${jsonLimits.strings} names and strings`)
  const reason = refusedText(text)
  if (reason !== undefined) refuse(path, reason)
}

/** Whether a field's name could reach an object's prototype in code that merges or copies what came in (C42). */
export function isRefusedName(name: string): boolean {
  return name === '__proto__' || name === 'constructor' || name === 'prototype'
}

/** Why a text from outside is refused wherever it stands, or undefined. */
export function refusedText(text: string): string | undefined {
  if (text.length > jsonLimits.stringBytes / 3 && Buffer.byteLength(text) > jsonLimits.stringBytes) {
    return `is longer than ${jsonLimits.stringBytes} bytes`
  }
  if (text.includes('\0')) return 'contains a NUL character'
  if (!text.isWellFormed()) return 'contains half of a surrogate pair'
  return undefined
}

function checkNumber(value: number, path: Path): void {
  if (!Number.isFinite(value)) refuse(path, 'is too large a number')
  // Note: beyond 2^53 another reader may see another integer (RFC 8259, section 6).
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) refuse(path, 'is an integer beyond 2^53')
}

function refuse(path: readonly (string | number)[], message: string): never {
  throw validationFailed([{ path: pathText('body', path), message }])
}

/** `body.items.0.name`; long or unprintable names are cut, they come from outside. */
export function pathText(root: string, path: readonly (string | number)[]): string {
  const steps = path.map((step) => (typeof step === 'number' ? `${step}` : printable(step)))
  return [root, ...steps].join('.')
}

function printable(name: string): string {
  const short = name.length > 64 ? `${name.slice(0, 64)}…` : name
  return short.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '\u{fffd}')
}
