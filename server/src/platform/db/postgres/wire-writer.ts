import type { Encoded } from '../query/compile.ts'

const CHUNK = 65_536
const SHORT = 40 // copying this many characters one by one costs less than one call into the engine
const [PARSE, BIND, DESCRIBE, EXECUTE, CLOSE, SYNC] = [80, 66, 68, 69, 67, 83]
const [STATEMENT, PORTAL] = [83, 80]

/**
 * Writes messages of the extended query protocol (PostgreSQL manual, 54.7) one behind the other, to be sent in one piece:
 * each piece of its own would cost the stream more than the message. The portal is always the unnamed one, results come as
 * text, and bytes go as bytes.
 */
export class WireWriter {
  #buffer = Buffer.allocUnsafe(CHUNK)
  #from = 0
  #at = 0

  /** Starts a new piece; one that was not taken is forgotten. */
  begin(): void {
    this.#at = this.#from
  }

  /** What was written since `begin`. Its bytes are nobody else's. */
  take(): Buffer {
    const piece = this.#buffer.subarray(this.#from, this.#at)
    this.#from = this.#at
    if (this.#buffer.length > CHUNK || this.#buffer.length - this.#at < CHUNK / 16) {
      this.#buffer = Buffer.allocUnsafe(CHUNK)
      this.#from = 0
      this.#at = 0
    }
    return piece
  }

  parse(name: string, sql: string): void {
    const start = this.#open(PARSE)
    this.#word(name)
    this.#word(sql)
    this.#int16(0)
    this.#end(start)
  }

  bind(name: string, values: readonly Encoded[]): void {
    const start = this.#open(BIND)
    this.#byte(0)
    this.#word(name)
    this.#int16(values.length)
    for (const value of values) this.#int16(value instanceof Uint8Array ? 1 : 0)
    this.#int16(values.length)
    for (const value of values) this.#value(value)
    this.#int16(0)
    this.#end(start)
  }

  describe(): void {
    const start = this.#open(DESCRIBE)
    this.#byte(PORTAL)
    this.#byte(0)
    this.#end(start)
  }

  execute(): void {
    const start = this.#open(EXECUTE)
    this.#byte(0)
    this.#int32(0)
    this.#end(start)
  }

  close(name: string): void {
    const start = this.#open(CLOSE)
    this.#byte(STATEMENT)
    this.#word(name)
    this.#end(start)
  }

  sync(): void {
    this.#end(this.#open(SYNC))
  }

  /** Leaves room for a length; says where, counted from the piece's start, since a larger buffer may take its place. */
  #length(): number {
    const start = this.#at - this.#from
    this.#int32(0)
    return start
  }

  #open(code: number): number {
    this.#byte(code)
    return this.#length()
  }

  /** Fills in a message's length, which counts itself but not the code before it. */
  #end(start: number): void {
    this.#buffer.writeInt32BE(this.#at - this.#from - start, this.#from + start)
  }

  #value(value: Encoded): void {
    if (value === null) {
      this.#int32(-1)
      return
    }
    const start = this.#length()
    if (value instanceof Uint8Array) {
      this.#room(value.length)
      this.#buffer.set(value, this.#at)
      this.#at += value.length
    } else this.#text(typeof value === 'number' ? String(value) : value)
    this.#buffer.writeInt32BE(this.#at - this.#from - start - 4, this.#from + start)
  }

  #word(text: string): void {
    this.#text(text)
    this.#byte(0)
  }

  #text(text: string): void {
    const { length } = text
    if (length > SHORT) {
      this.#room(Buffer.byteLength(text))
      this.#at += this.#buffer.write(text, this.#at)
      return
    }
    this.#room(length * 3)
    const buffer = this.#buffer
    const from = this.#at
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code > 127) {
        this.#at += buffer.write(text, from)
        return
      }
      buffer[from + i] = code
    }
    this.#at += length
  }

  #byte(byte: number): void {
    this.#room(1)
    this.#buffer[this.#at++] = byte
  }

  #int16(value: number): void {
    this.#room(2)
    this.#buffer[this.#at++] = value >>> 8
    this.#buffer[this.#at++] = value
  }

  #int32(value: number): void {
    this.#room(4)
    this.#at = this.#buffer.writeInt32BE(value, this.#at)
  }

  #room(bytes: number): void {
    if (this.#buffer.length - this.#at >= bytes) return
    const written = this.#at - this.#from
    const larger = Buffer.allocUnsafe(Math.max(CHUNK, (written + bytes) * 2))
    this.#buffer.copy(larger, 0, this.#from, this.#at)
    this.#buffer = larger
    this.#from = 0
    this.#at = written
  }
}
