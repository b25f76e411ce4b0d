/**
 * What must not be in a log whatever field it came by: credentials in headers, tokens, e-mail addresses. A second net:
 * the first is that only named fields are logged at all. `sign` is a cheap test for whether `shape` can match, because
 * every line of every request passes here.
 */
const secrets: readonly { readonly sign: string | RegExp; readonly shape: RegExp }[] = [
  { sign: /earer|asic/i, shape: /\b(?:bearer|basic)\s+[A-Za-z0-9\-._~+/]{6,}=*/gi },
  { sign: 'eyJ', shape: /eyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]+){0,4}/g }, // JSON web tokens, whole or cut
  {
    // Note: passwords in addresses, to the last @ of 256 characters: a password may hold an @ or a / that nobody encoded.
    // What can only be the port of a page is not taken for one.
    sign: '://',
    shape:
      /(?<![a-z0-9])(?!(?:http|ws)s?:\/\/(?:\[[\da-f:.]{2,45}\]|[^\s"/@:]*):\d{1,5}[/?#])[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"/:]*:(?:[^\s"]{1,256}|[^\s"/@]+)@/gi,
  },
  { sign: '@', shape: /[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}/g },
  { sign: '$', shape: /\$(?:argon2|2[aby]|scrypt|pbkdf2)[^\s"]{8,}/g }, // password hashes
  { sign: '=', shape: /[?&](?:token|code|key|secret|password)=[^\s"&]+/gi },
]

// Note: what JSON leaves as it is but a terminal or a log viewer may obey: C1 controls, separators, marks that
// reorder text (C79).
const unprintable = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** Makes redactors that also know other shapes of secrets, such as one's own token prefixes. */
export function createRedactor(extra: readonly RegExp[] = []): (line: string) => string {
  const others = extra.map((each) => new RegExp(each.source, `${each.flags.replace('g', '')}g`))
  return (line) => {
    let text = line
    for (const { sign, shape } of secrets) {
      const isPossible = typeof sign === 'string' ? text.includes(sign) : sign.test(text)
      if (isPossible) text = text.replace(shape, '[redacted]')
    }
    for (const other of others) text = text.replace(other, '[redacted]')
    return text.replace(unprintable, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`)
  }
}
