// @vitest-environment happy-dom
import { expect, it } from 'vitest'
import { pathWithin } from './path-within.ts'

it.each([
  ['/home', '/home'],
  ['/positions?sort=symbol#top', '/positions?sort=symbol#top'],
  ['/a/../vault', '/vault'],
  ['/', '/'],
])('leads from %j to %j', (value, path) => {
  expect(pathWithin(value)).toBe(path)
})

it.each([
  '//evil.com',
  '/\\evil.com',
  '/.//evil.com',
  '/a/..//evil.com',
  '/./\\evil.com',
  '/%2e//evil.com',
  '/\t/evil.com',
  '/.\n//evil.com',
  'https://evil.com/home',
  'javascript:alert(1)',
  'home',
  '',
  undefined,
  ['/home'],
])('leads nowhere from %j', (value) => {
  expect(pathWithin(value)).toBeUndefined()
})
