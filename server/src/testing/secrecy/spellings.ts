/** The ways in which a secret could have been written down, as bytes, by what they are called. */
export type Spellings = ReadonlyMap<string, Buffer>

/** Without the letters at either end that also spell what stands before and behind it. */
function base64Core(bytes: Buffer, shift: number): string {
  const whole = Buffer.concat([Buffer.alloc(shift), bytes])
  const spelled = whole.toString('base64').replace(/=+$/, '')
  const first = Math.ceil((shift * 8) / 6)
  const last = Math.floor((whole.length * 8) / 6)
  return spelled.slice(first, last)
}

const urlSafe = (text: string) => text.replaceAll('+', '-').replaceAll('/', '_')

/**
 * Every way in which a text is spelled that must be found nowhere: plain, as JSON once and twice, for URLs, as a form, as
 * hex, and as base64 of both alphabets wherever it may stand in what was encoded.
 */
export function spellings(secret: string): Spellings {
  const bytes = Buffer.from(secret)
  const inJson = JSON.stringify(secret).slice(1, -1)
  const texts: [string, string][] = [
    ['plain', secret],
    ['JSON', inJson],
    ['JSON in JSON', JSON.stringify(inJson).slice(1, -1)],
    ['URL', encodeURIComponent(secret)],
    ['form', new URLSearchParams({ x: secret }).toString().slice(2)],
    ['hex', bytes.toString('hex')],
    ['HEX', bytes.toString('hex').toUpperCase()],
    ...[0, 1, 2].flatMap((shift): [string, string][] => {
      const core = base64Core(bytes, shift)
      return [
        [`base64 ${shift}`, core],
        [`base64url ${shift}`, urlSafe(core)],
      ]
    }),
  ]
  const wide: [string, Buffer] = ['UTF-16', Buffer.from(secret, 'utf16le')]
  return new Map([...texts.map(([name, text]): [string, Buffer] => [name, Buffer.from(text)]), wide])
}

/** The spellings of a token: of its text, and of the bytes that each of its parts spells. */
export function tokenSpellings(token: string): Spellings {
  const parts = token
    .replace(/^outcry_pat_/, '')
    .split('.')
    .filter((part) => part.length >= 20)
  const inner = parts.flatMap((part, i): [string, Buffer][] => {
    const bytes = Buffer.from(part, 'base64url')
    return [
      [`part ${i}`, Buffer.from(part)],
      [`bytes of part ${i}`, bytes],
      [`hex of part ${i}`, Buffer.from(bytes.toString('hex'))],
    ]
  })
  return new Map([...spellings(token), ...inner])
}

/** Where bytes spell a secret: `name: spelling`, for each that they do. */
export function spelledIn(bytes: Buffer, secrets: ReadonlyMap<string, Spellings>): string[] {
  return [...secrets].flatMap(([name, each]) =>
    [...each].filter(([, spelling]) => bytes.includes(spelling)).map(([how]) => `${name} (${how})`),
  )
}
