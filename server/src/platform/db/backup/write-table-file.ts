import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

const LEVEL = 3 // a third of the time of level 6 for a tenth more bytes
const CHUNK_CHARS = 65_536

/** A file as it was written. */
export interface WrittenFile {
  readonly bytes: number
  readonly sha256: string
}

async function* inChunks(lines: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let chunk = ''
  for await (const line of lines) {
    chunk += `${line}\n`
    if (chunk.length < CHUNK_CHARS) continue
    yield Buffer.from(chunk)
    chunk = ''
  }
  if (chunk !== '') yield Buffer.from(chunk)
}

/** Writes lines to a new compressed file that only its owner can read, and forces it to disk. */
export async function writeLines(path: string, lines: AsyncIterable<string>): Promise<WrittenFile> {
  const sha256 = createHash('sha256')
  let bytes = 0
  await pipeline(
    Readable.from(inChunks(lines), { objectMode: false }),
    createGzip({ level: LEVEL }),
    async function* count(compressed: AsyncIterable<Buffer>) {
      for await (const chunk of compressed) {
        sha256.update(chunk)
        bytes += chunk.length
        yield chunk
      }
    },
    createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }),
  )
  return { bytes, sha256: sha256.digest('hex') }
}
