import { expect, it } from 'vitest'
import { chooseCompression, compressions } from './accept-encoding.ts'

it.each([
  [undefined, undefined],
  ['', undefined],
  ['identity', undefined],
  ['deflate, compress', undefined],
  ['gzip', 'gzip'],
  ['gzip, deflate, br, zstd', 'br'],
  ['GZIP;q=0.5, BR ; Q=0.1', 'br'],
  ['br;q=0, gzip', 'gzip'],
  ['br; q=0.000, gzip;q=0', undefined],
  ['br;q=0.001', 'br'],
  ['*', 'br'],
  ['*;q=0', undefined],
  ['*;q=0, gzip', 'gzip'],
  ['br;q=0, *', 'gzip'],
  ['brotli, gzippy', undefined],
])('of Accept-Encoding %o takes %o', (header, expected) => {
  expect(chooseCompression(header, compressions)).toBe(expected)
})

it('takes none that a file does not have', () => {
  expect(chooseCompression('br, gzip', ['gzip'])).toBe('gzip')
  expect(chooseCompression('br', ['gzip'])).toBeUndefined()
  expect(chooseCompression('br, gzip', [])).toBeUndefined()
})
