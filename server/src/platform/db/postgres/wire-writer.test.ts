import { describe, expect, it } from 'vitest'
import type { Encoded } from '../query/compile.ts'
import { WireWriter } from './wire-writer.ts'

/** Reads a Bind message back (PostgreSQL manual, 54.7). */
function readBind(piece: Buffer): { name: string; values: (string | Uint8Array | null)[] } {
  expect(String.fromCharCode(piece.readUInt8(0))).toBe('B')
  expect(piece.readInt32BE(1)).toBe(piece.length - 1)
  expect(piece.readUInt8(5)).toBe(0)
  const end = piece.indexOf(0, 6)
  const name = piece.toString('utf8', 6, end)
  const count = piece.readInt16BE(end + 1)
  const formats = Array.from({ length: count }, (_, i) => piece.readInt16BE(end + 3 + i * 2))
  let at = end + 3 + count * 2
  expect(piece.readInt16BE(at)).toBe(count)
  at += 2
  const values = formats.map((format) => {
    const length = piece.readInt32BE(at)
    at += 4
    if (length === -1) return null
    const bytes = piece.subarray(at, at + length)
    at += length
    return format === 1 ? new Uint8Array(bytes) : bytes.toString('utf8')
  })
  expect(piece.readInt16BE(at)).toBe(0)
  expect(at + 2).toBe(piece.length)
  return { name, values }
}

const WORDS = ['', 'a', 'ä', '\u{1F680}', 'x'.repeat(40), `${'x'.repeat(39)}ä`, 'x'.repeat(41)]
const LONG = ['ä'.repeat(41), '\u{1F680}'.repeat(9_000), 'x'.repeat(200_000)]

describe('the wire writer', () => {
  it('writes every value as the protocol wants it, of any length', () => {
    const wire = new WireWriter()
    const values = [...WORDS, ...LONG, null, new Uint8Array([0, 255, 1]), Buffer.from('bytes')]
    for (let i = 0; i < values.length; i++) {
      const turned = [...values.slice(i), ...values.slice(0, i)]
      wire.begin()
      wire.bind('o1', turned)
      const read = readBind(wire.take())
      expect(read.name).toBe('o1')
      expect(read.values).toEqual(
        turned.map((value) => (Buffer.isBuffer(value) ? new Uint8Array(value) : value)),
      )
    }
  })
  it('never changes what it has given away', () => {
    const wire = new WireWriter()
    const given: { piece: Buffer; values: Encoded[] }[] = []
    for (let i = 0; i < 3_000; i++) {
      const values = [`${i}`, 'y'.repeat(i % 100 === 99 ? i * 50 : i % 500), 'z']
      wire.begin()
      wire.bind('lost', ['never sent'])
      wire.begin()
      wire.bind('o2', values)
      given.push({ piece: wire.take(), values })
    }
    for (const { piece, values } of given) expect(readBind(piece)).toEqual({ name: 'o2', values })
  })
  it('writes several messages as one piece', () => {
    const wire = new WireWriter()
    wire.begin()
    wire.close('o3')
    wire.parse('o3', 'select 1')
    wire.describe()
    wire.execute()
    wire.sync()
    const text = (code: string, body: string) => {
      const length = Buffer.alloc(4)
      length.writeInt32BE(Buffer.byteLength(body) + 4)
      return Buffer.concat([Buffer.from(code), length, Buffer.from(body)])
    }
    const expected = [
      text('C', 'So3\0'),
      text('P', 'o3\0select 1\0\0\0'),
      text('D', 'P\0'),
      text('E', '\0\0\0\0\0'),
      text('S', ''),
    ]
    expect(wire.take().equals(Buffer.concat(expected))).toBe(true)
  })
})
