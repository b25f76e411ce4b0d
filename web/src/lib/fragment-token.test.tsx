// @vitest-environment happy-dom
import { act, cleanup, renderHook } from '@testing-library/react'
import { StrictMode } from 'react'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { tokenIn, useFragmentToken } from './fragment-token.ts'

beforeEach(() => history.replaceState({ kept: true }, '', '/reset'))
afterEach(cleanup)

it.each([
  ['#token=abc-_9', 'abc-_9'],
  ['#token=abc&more=1', 'abc'],
  ['#token=', undefined],
  ['#other=abc', undefined],
  ['', undefined],
])('reads %j as %j', (fragment, token) => {
  expect(tokenIn(fragment)).toBe(token)
})

it('takes the token out of the address and keeps it, also when React renders everything twice', () => {
  history.replaceState({ kept: true }, '', '/reset?a=1#token=abc')
  const { result, rerender } = renderHook(() => useFragmentToken(), { wrapper: StrictMode })
  expect(result.current).toBe('abc')
  expect(location.href).toMatch(/\/reset\?a=1$/)
  expect(history.state).toEqual({ kept: true })
  rerender()
  expect(result.current).toBe('abc')
})

it('takes the token of another link that is opened in the same tab', () => {
  history.replaceState(null, '', '/reset#token=old')
  const { result } = renderHook(() => useFragmentToken())
  act(() => {
    history.replaceState(null, '', '/reset#token=new')
    dispatchEvent(new Event('hashchange'))
  })
  expect(result.current).toBe('new')
  expect(location.hash).toBe('')
})

it('has none where there is none', () => {
  const { result } = renderHook(() => useFragmentToken())
  expect(result.current).toBeUndefined()
})
