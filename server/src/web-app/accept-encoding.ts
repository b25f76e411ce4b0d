/** The compressions that files are kept in, the smallest first. */
export const compressions = ['br', 'gzip'] as const

/** A content coding of our files (RFC 9110, section 8.4.1; `br` is RFC 7932). */
export type Compression = (typeof compressions)[number]

/**
 * The best of the `available` compressions that an `Accept-Encoding` header takes (RFC 9110, section 12.5.3); none without
 * such a header. Between those that it takes our order decides, not its weights.
 */
export function chooseCompression(
  header: string | undefined,
  available: readonly Compression[],
): Compression | undefined {
  if (header === undefined) return undefined
  const taken = new Map(header.split(',').map(readCoding))
  return compressions.find((each) => available.includes(each) && (taken.get(each) ?? taken.get('*') ?? false))
}

/** A coding with whether it is taken: `gzip;q=0` refuses it. */
function readCoding(text: string): [name: string, isTaken: boolean] {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  return [name, !parameters.some((each) => /^q\s*=\s*0(?:\.0*)?$/.test(each))]
}
