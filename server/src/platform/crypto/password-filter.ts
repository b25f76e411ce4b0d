import { createHash } from 'node:crypto'
import { promises as fs, readSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ENTRY_BYTES, entryOf, HEADER_BYTES, readFilterHeader } from './password-filter-file.ts'

const CHUNK_BYTES = 1024 * 1024

/** The shipped list: about 475,000 common passwords of eight characters and more, in lower case. */
export const COMMON_PASSWORDS_FILE = fileURLToPath(new URL('./common-passwords.bin', import.meta.url))

/** A set of known bad passwords on disk; it takes no memory beyond the system's own file cache. */
export interface PasswordFilter {
  /** Whether exactly this text is in the set. About 20 small reads. */
  contains(password: string): boolean
  readonly size: number
  close(): Promise<void>
}

/** The filter file cannot be used. The message is one plain sentence for the operator. */
export class PasswordFilterError extends Error {
  override readonly name = 'PasswordFilterError'
}

/** Opens a filter file and proves its checksum first. Throws `PasswordFilterError` when it is missing, cut or changed. */
export async function openPasswordFilter(path: string): Promise<PasswordFilter> {
  const file = await fs.open(path, 'r').catch((cause: unknown) => {
    throw new PasswordFilterError(
      `The password list ${path} cannot be opened; check the setting that names it.`,
      { cause },
    )
  })
  try {
    const size = await provenSize(file)
    if (size === undefined) {
      throw new PasswordFilterError(`The password list ${path} is not whole; fetch or build it again.`)
    }
    return { size, contains: (password) => isIn(file.fd, size, entryOf(password)), close: () => file.close() }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function provenSize(file: fs.FileHandle): Promise<number | undefined> {
  const { buffer: first } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0)
  const header = readFilterHeader(first)
  const { size: fileBytes } = await file.stat()
  if (header === undefined || fileBytes !== HEADER_BYTES + header.count * ENTRY_BYTES) return undefined
  const sum = createHash('sha256')
  const chunk = Buffer.alloc(CHUNK_BYTES)
  for (let at = HEADER_BYTES; at < fileBytes; ) {
    const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, at)
    if (bytesRead === 0) return undefined
    sum.update(chunk.subarray(0, bytesRead))
    at += bytesRead
  }
  return sum.digest().equals(header.sha256) ? header.count : undefined
}

function isIn(fd: number, count: number, wanted: Buffer): boolean {
  const entry = Buffer.alloc(ENTRY_BYTES)
  let low = 0
  let high = count
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    readSync(fd, entry, 0, ENTRY_BYTES, HEADER_BYTES + middle * ENTRY_BYTES)
    const order = entry.compare(wanted)
    if (order === 0) return true
    if (order < 0) low = middle + 1
    else high = middle
  }
  return false
}
