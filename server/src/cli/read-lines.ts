import { createReadStream } from 'node:fs'

const MAX_LINE_BYTES = 64 * 1_024
const NEWLINE = 0x0a
const BYTE_ORDER_MARK = '\u{feff}'

/** A line of a file by its number, from 1; `text` is absent when it cannot be read, and `problem` says why. */
export interface FileLine {
  readonly number: number
  readonly text?: string
  readonly problem?: string
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decoded(bytes: Buffer, number: number): FileLine {
  if (bytes.length > MAX_LINE_BYTES) return { number, problem: `is longer than ${MAX_LINE_BYTES} bytes` }
  try {
    const text = utf8.decode(bytes).trim()
    return { number, text: number === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text }
  } catch {
    return { number, problem: 'is not UTF-8' }
  }
}

/** Reads a text file line by line in little memory, however long the file or a line is. */
export async function* readLines(path: string): AsyncGenerator<FileLine> {
  let rest: Buffer = Buffer.alloc(0)
  let number = 0
  for await (const chunk of createReadStream(path)) {
    let from = 0
    const bytes: Buffer = Buffer.concat([rest, chunk])
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
      yield decoded(bytes.subarray(from, end), ++number)
      from = end + 1
    }
    // Note: of a line that is too long only enough is kept to know that it is.
    rest = bytes.subarray(from, from + MAX_LINE_BYTES + 1)
  }
  if (rest.length > 0) yield decoded(rest, ++number)
}
