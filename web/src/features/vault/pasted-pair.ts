/** A key and its secret, as the broker shows them. */
export interface KeyPair {
  readonly apiKey: string
  readonly secretKey: string
}

const LONGEST = 2_000

// Note: how brokers and settings files name the two: `API Key ID: …`, `APCA_API_SECRET_KEY=…`.
const NAME = /^[\w\s.-]+$/
const KIND = /key|secret|id/i

function partOf(line: string): string {
  const at = line.search(/[:=]/)
  const name = line.slice(0, Math.max(0, at))
  if (!NAME.test(name) || !KIND.test(name)) return line
  const value = line.slice(at + 1).trim()
  const bare = value.replace(/^["']/, '').replace(/["']$/, '')
  return /^\S{4,}$/.test(bare) ? bare : line
}

/**
 * A key and its secret out of pasted text: two lines, or two words on one, the key first, unless the names before them say
 * otherwise. Nothing when it is anything else, such as one value.
 */
export function pastedPair(text: string): KeyPair | undefined {
  if (text.length > LONGEST) return undefined
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const parts = lines.length === 1 ? (lines[0]?.split(/\s+/) ?? []) : lines
  const [first, second, ...more] = parts
  if (first === undefined || second === undefined || more.length > 0) return undefined
  const values = [partOf(first), partOf(second)]
  if (values.some((value) => !/^[\x21-\x7e]+$/.test(value))) return undefined
  const isTurned =
    /secret/i.test(first.replace(partOf(first), '')) && !/secret/i.test(second.replace(partOf(second), ''))
  const [apiKey = '', secretKey = ''] = isTurned ? values.reverse() : values
  return { apiKey, secretKey }
}
