import { createHash, hash } from 'node:crypto'

/** How much of a password's SHA-1 an entry keeps: a false alarm once in 600 million passwords for half a million entries. */
export const ENTRY_BYTES = 6
/** Magic, entry size, entry count and the SHA-256 of all entries. */
export const HEADER_BYTES = 48

const MAGIC = 'PWF1'

/** What the first bytes of a filter file say about the rest. */
export interface PasswordFilterHeader {
  count: number
  sha256: Buffer
}

/**
 * The entry of one password. SHA-1 is no protection here and needs to be none: it is the form in which breach collections
 * are published, so an operator can turn one into a filter without ever seeing a password.
 */
export function entryOf(password: string): Buffer {
  return hash('sha1', password, 'buffer').subarray(0, ENTRY_BYTES)
}

/** Builds a filter file out of passwords: a header, then every entry once, in order. */
export function packPasswordFilter(passwords: Iterable<string>): Buffer {
  const entries = Array.from(passwords, entryOf).sort(Buffer.compare)
  const body = Buffer.concat(entries.filter((entry, index) => entries[index - 1]?.equals(entry) !== true))
  const header = Buffer.alloc(HEADER_BYTES)
  header.write(MAGIC)
  header.writeUInt32BE(ENTRY_BYTES, 4)
  header.writeBigUInt64BE(BigInt(body.length / ENTRY_BYTES), 8)
  createHash('sha256').update(body).digest().copy(header, 16)
  return Buffer.concat([header, body])
}

/** Reads the header of a filter file; `undefined` when the bytes are not one. */
export function readFilterHeader(bytes: Buffer): PasswordFilterHeader | undefined {
  if (bytes.length < HEADER_BYTES || bytes.toString('latin1', 0, 4) !== MAGIC) return undefined
  if (bytes.readUInt32BE(4) !== ENTRY_BYTES) return undefined
  return { count: Number(bytes.readBigUInt64BE(8)), sha256: bytes.subarray(16, HEADER_BYTES) }
}
