import { expect, it } from 'vitest'
import { matchesPattern } from './path-pattern.ts'

it.each([
  ['/v2/account', ['/v2/account'], ['/v2/account/', '/v2/accounts', '/v2', '/V2/account', '/v2//account']],
  ['/v2/*', ['/v2/a', '/v2/a%20b', '/v2/*'], ['/v2/', '/v2', '/v2/a/b', '/v2/a/', '//v2/a']],
  ['/v2/orders:*', ['/v2/orders:', '/v2/orders:by_id'], ['/v2/orders', '/v2/orders:a/b']],
  ['/v2/*.csv', ['/v2/a.csv', '/v2/.csv'], ['/v2/a.csvx', '/v2/csv']],
  ['/v2/a*a', ['/v2/aa', '/v2/aba'], ['/v2/a']],
  ['/*/orders', ['/v1/orders', '/v2/orders'], ['/orders', '//orders', '/v2/x/orders']],
  ['/v2/**', ['/v2/', '/v2/a', '/v2/a/b//'], ['/v2', '/v3/a', '/v22/a', '/v%32/a']],
  ['/**', ['/', '/v2/account'], ['']],
])('%s stands for what it says', (pattern, open, closed) => {
  expect(open.filter((path) => !matchesPattern(pattern, path))).toEqual([])
  expect(closed.filter((path) => matchesPattern(pattern, path))).toEqual([])
})

it('stands for a long path with a star in each of many segments', () => {
  const [pattern, path] = ['/a*a'.repeat(50), '/aaaa'.repeat(50)]
  expect(matchesPattern(pattern, path + 'a'.repeat(10_000))).toBe(true)
  expect(matchesPattern(pattern, `${path}${'a'.repeat(10_000)}b`)).toBe(false)
})
