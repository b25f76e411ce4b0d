import { expect, it } from 'vitest'
import { spelledIn, spellings, tokenSpellings } from './spellings.ts'

const SECRET = 'Zq8"\\/+%&<x swims>'
const secrets = new Map([['it', spellings(SECRET)]])
const found = (text: string | Buffer) => spelledIn(Buffer.from(text), secrets).length > 0

it('finds a secret however it is spelled, wherever it stands', () => {
  for (const before of ['', 'a', 'ab', 'abc', 'é']) {
    const text = `${before}${SECRET} and more`
    expect(found(text)).toBe(true)
    expect(found(JSON.stringify({ text }))).toBe(true)
    expect(found(JSON.stringify({ body: JSON.stringify({ text }) }))).toBe(true)
    expect(found(`?q=${encodeURIComponent(text)}`)).toBe(true)
    expect(found(new URLSearchParams({ text }).toString())).toBe(true)
    for (const encoding of ['hex', 'base64', 'base64url'] as const)
      expect(found(Buffer.from(text).toString(encoding)), encoding).toBe(true)
    expect(found(Buffer.from(text).toString('hex').toUpperCase())).toBe(true)
    expect(found(Buffer.from(text, 'utf16le'))).toBe(true)
  }
  expect(found('Zq8 swims')).toBe(false)
})

it('finds the bytes of a token', () => {
  const token = `outcry_pat_${Buffer.alloc(32, 7).toString('base64url')}`
  const tokens = new Map([['it', tokenSpellings(token)]])
  expect(spelledIn(Buffer.alloc(40, 7), tokens)).toEqual(['it (bytes of part 0)'])
  expect(spelledIn(Buffer.from(`Bearer ${token}`), tokens)).not.toEqual([])
  expect(spelledIn(Buffer.alloc(40, 8), tokens)).toEqual([])
})
