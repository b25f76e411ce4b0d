/**
 * Joins texts so that no two different lists give the same bytes: the number of parts, then each part's UTF-8 length and
 * bytes. The input of every MAC and the associated data of every seal is built with it.
 */
export function lengthPrefixed(parts: readonly string[]): Buffer {
  const sizes = parts.map((part) => Buffer.byteLength(part))
  const joined = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + 4 + size, 4))
  let at = joined.writeUInt32BE(parts.length, 0)
  parts.forEach((part, index) => {
    at = joined.writeUInt32BE(sizes[index] ?? 0, at)
    at += joined.write(part, at)
  })
  return joined
}
