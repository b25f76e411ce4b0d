import { describe, expect, it } from 'vitest'
import { isBrokerTarget, staysAt } from './broker-target.ts'

const ORIGIN = 'https://broker.example'
const isGood = (path: string, query = '', method = 'GET') => isBrokerTarget({ method, path, query })

describe('a request to a broker', () => {
  it.each([
    ['/v2/account', ''],
    ['/', ''],
    ['/v2/orders', '?status=all&symbols=A%2FB,C'],
    ['/v2/positions/BTC%2FUSD', ''],
    ['/v2/orders:by_client_order_id', '?client_order_id=x'],
    ['/v2//double', '?'],
    ['/...', ''],
    ['/v2/%20a', '?q=%C3%BC'],
  ])('may ask for %s%s, and stays where it belongs', (path, query) => {
    expect(isGood(path, query)).toBe(true)
    const target = { method: 'GET', path, query }
    expect(staysAt(ORIGIN, target)).toBe(true)
    expect(new URL(path + query, ORIGIN).pathname).toBe(path)
  })

  it.each([
    ['', ''],
    ['v2/account', ''],
    ['//evil.example/v2', ''],
    ['/%2f/evil.example', ''],
    ['/%2F%2Fevil.example', ''],
    ['/\\evil.example', ''],
    ['/%5cevil.example', ''],
    ['https://evil.example/', ''],
    ['/..', ''],
    ['/v2/../v1', ''],
    ['/v2/./v1', ''],
    ['/v2/%2e%2e/v1', ''],
    ['/v2/.%2E/v1', ''],
    ['/v2/..%2fv1', ''],
    ['/v2%2f..%2fv1', ''],
    ['/v2/a%5c..%5cb', ''],
    ['/v2/a\r\nx-evil: 1', ''],
    ['/v2/a%0d%0ax', ''],
    ['/v2/a%00', ''],
    ['/v2/a b', ''],
    ['/v2/a?b', ''],
    ['/v2/a#b', ''],
    ['/v2/a;\u0000', ''],
    ['/v2/ü', ''],
    ['/v2/%zz', ''],
    ['/v2/%2', ''],
    ['/v2/@evil', 'a=b'],
    ['/v2', '?a=b#c'],
    ['/v2', '?a=b c'],
    ['/v2', '?a=\r\nb'],
    ['/v2', '?a=%0A'],
  ])('may not ask for %j%j', (path, query) => {
    expect(isGood(path, query)).toBe(false)
  })

  it.each(['CONNECT', 'TRACE', 'OPTIONS', 'get', 'GET ', 'GET\r\nX', ''])(
    'may not use the method %j',
    (method) => {
      expect(isGood('/v2', '', method)).toBe(false)
    },
  )

  it.each(['//evil.example/a', '/\\evil.example/a', 'https://evil.example/a'])(
    'does not stay at its origin with %s',
    (path) => {
      expect(staysAt(ORIGIN, { method: 'GET', path, query: '' })).toBe(false)
    },
  )
})
