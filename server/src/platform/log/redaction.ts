import { parseJson } from '../parse-json.ts'

interface Secret {
  readonly sign: string | RegExp
  readonly shape: RegExp
}

/**
 * What must not be in a log whatever field it came by: credentials in headers, tokens, e-mail addresses. A second net:
 * the first is that only named fields are logged at all. `sign` is a cheap test for whether `shape` can match, because
 * every line of every request passes here.
 */
const secrets: readonly Secret[] = [
  { sign: /earer|asic/i, shape: /\b(?:bearer|basic)\s+[A-Za-z0-9\-._~+/]{6,}=*/gi },
  { sign: 'eyJ', shape: /eyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]+){0,4}/g }, // JSON web tokens, whole or cut
  {
    // Note: passwords in addresses, to the last @ of 256 characters: a password may hold an @, a / or a " that nobody encoded.
    // What can only be the port of a page is not taken for one.
    sign: '://',
    shape:
      /(?<![a-z0-9])(?!(?:http|ws)s?:\/\/(?:\[[\da-f:.]{2,45}\]|[^\s"/@:]*):\d{1,5}[/?#])[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"/:]*:(?:\S{1,256}|[^\s/@]+)@/gi,
  },
  { sign: '@', shape: /[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}/g },
  { sign: '$', shape: /\$(?:argon2|2[aby]|scrypt|pbkdf2)[^\s"]{8,}/g }, // password hashes
  { sign: '=', shape: /[?&](?:token|code|key|secret|password)=[^\s"&]+/gi },
]

// Note: what JSON leaves as it is but a terminal or a log viewer may obey: C1 controls, separators, marks that
// reorder text (C79).
const unprintable = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** Writes such marks as JSON may write any letter. */
export const escapeUnprintable = (text: string): string =>
  text.replace(unprintable, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`)

const isPossible = ({ sign }: Secret, text: string): boolean =>
  typeof sign === 'string' ? text.includes(sign) : sign.test(text)

const hide = (text: string): string =>
  secrets.reduce(
    (rest, each) => (isPossible(each, rest) ? rest.replace(each.shape, '[redacted]') : rest),
    text,
  )

/** Takes what is secret out of a text. */
export function redactText(text: string): string {
  return escapeUnprintable(hide(text))
}

const hideIn = (_name: string, value: unknown) => (typeof value === 'string' ? hide(value) : value)

/**
 * The same for a line of JSON. Note: shapes are looked for in the values. In the JSON itself, the letter of an escape looks
 * like a part of what stands behind it.
 */
export function redactLine(line: string): string {
  if (!secrets.some((each) => isPossible(each, line))) return escapeUnprintable(line)
  const value = parseJson(line)
  const isJson = value !== undefined // as every line is that pino writes
  return escapeUnprintable(isJson ? `${JSON.stringify(value, hideIn)}\n` : hide(line))
}
