import { describe, expect, it } from 'vitest'
import { AppError } from '../errors.ts'
import { parseJsonBody } from './json-body.ts'

function refusal(body: string | Buffer): { status: number; path: string | undefined; detail: string } {
  try {
    parseJsonBody(Buffer.from(body))
  } catch (error) {
    if (error instanceof AppError)
      return { status: error.status, path: error.errors?.[0]?.path, detail: error.detail }
    throw error
  }
  throw new Error('It was accepted.')
}

describe('parseJsonBody', () => {
  it.each([
    '{}',
    '[]',
    '"text"',
    'null',
    '-0.5e3',
    '{"a":{"a":[{"a":1},{"a":2}]},"b\\"c:":"d:\\\\"}',
    ' {"a" : 1} ',
  ])('reads %s as JSON.parse does', (text) => {
    expect(parseJsonBody(Buffer.from(text))).toEqual(JSON.parse(text))
  })

  it.each([
    ['text that is not JSON', '{"a":}'],
    ['a byte order mark', '\ufeff{}'],
    ['NaN', '{"a":NaN}'],
    ['a trailing comma', '{"a":1,}'],
    ['a comment', '{"a":1/*x*/}'],
    ['a raw control character', '{"a":"\u0001"}'],
    ['nothing but spaces', '  '],
  ])('C42: refuses %s with 400', (_name, text) => {
    expect(refusal(text).status).toBe(400)
  })

  it('C42: refuses bytes that are not UTF-8 with 400', () => {
    expect(refusal(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])).detail).toContain('UTF-8')
    expect(refusal(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])).status).toBe(400)
  })

  it.each([
    ['duplicate keys', '{"a":{"b":1,"c":":","b":2}}', 'body.a.b'],
    ['duplicate keys written differently', '{"x":[0,{"k":1,"\\u006b":2}]}', 'body.x.1.k'],
    ['duplicate empty keys', '{"":1,"":2}', 'body.'],
    ['__proto__', '{"a":{"__proto__":{"role":"admin"}}}', 'body.a.__proto__'],
    ['constructor', '{"constructor":1}', 'body.constructor'],
    ['1e400', '{"a":[1e400]}', 'body.a.0'],
    ['an integer beyond 2^53', '{"a":9007199254740993}', 'body.a'],
    ['a large integer written with an exponent', '{"a":1e20}', 'body.a'],
    ['NUL in a string', '{"a":"x\\u0000"}', 'body.a'],
    ['a lone surrogate', '{"a":"\\ud800x"}', 'body.a'],
    ['a lone surrogate in a key', '{"\\udc00":1}', undefined],
  ])('C42: refuses %s with 422 and the path', (_name, text, path) => {
    const found = refusal(text)
    expect(found.status).toBe(422)
    if (path !== undefined) expect(found.path).toBe(path)
    expect(found.detail).toMatch(/^body.*\.$/)
  })

  it('C41: allows 32 levels and refuses 33', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    expect(parseJsonBody(Buffer.from(nested(32)))).toBeDefined()
    expect(refusal(nested(33))).toMatchObject({ status: 422 })
    expect(refusal(nested(50_000)).status).toBe(422)
  })

  it('C41: allows 1,000 strings and refuses 1,001', () => {
    const list = (length: number) => JSON.stringify(Array.from({ length }, () => 'x'))
    expect(parseJsonBody(Buffer.from(list(1_000)))).toHaveLength(1_000)
    expect(refusal(list(1_001)).status).toBe(422)
  })

  it('C41: allows strings of 8 KiB and refuses longer ones, counted in bytes', () => {
    expect(parseJsonBody(Buffer.from(JSON.stringify('x'.repeat(8_192))))).toHaveLength(8_192)
    expect(refusal(JSON.stringify('x'.repeat(8_193))).status).toBe(422)
    expect(refusal(JSON.stringify('\u20ac'.repeat(2_731))).status).toBe(422)
  })

  it.each([
    ['deep', '['.repeat(51_200) + ']'.repeat(51_200)],
    ['wide', `{${Array.from({ length: 9_000 }, (_, i) => `"k${i}":1`).join(',')}}`],
    ['full of escapes', JSON.stringify('\\"'.repeat(25_000))],
    ['full of duplicate keys', `{${'"a":1,'.repeat(16_000)}"a":1}`],
    ['a list of numbers', `[${'1,'.repeat(51_000)}1]`],
  ])('R15: settles 100 KiB of %s JSON in under 50 ms of CPU', (_name, text) => {
    const bytes = Buffer.from(text)
    const attempt = () => {
      try {
        parseJsonBody(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(AppError)
      }
    }
    attempt()
    const before = process.cpuUsage()
    for (let i = 0; i < 5; i++) attempt()
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 5_000).toBeLessThan(50)
  })
})
