import { expect, it } from 'vitest'
import { createVerifiedMemo } from './verified-memo.ts'

it('keeps the most recently used and never more than its size', () => {
  const memo = createVerifiedMemo<number>(2)
  memo.set('a', 1)
  memo.set('b', 2)
  expect(memo.get('a')).toBe(1)
  memo.set('c', 3)
  expect(memo.get('b')).toBeUndefined()
  expect(memo.get('a')).toBe(1)
  expect(memo.get('c')).toBe(3)
})

it('forgets on demand and replaces on repetition', () => {
  const memo = createVerifiedMemo<number>(2)
  memo.set('a', 1)
  memo.set('a', 2)
  expect(memo.get('a')).toBe(2)
  memo.delete('a')
  expect(memo.get('a')).toBeUndefined()
})
