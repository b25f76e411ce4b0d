import { expect, it } from 'vitest'
import { parseJson } from './parse-json.ts'

it('gives the value of a JSON text', () => {
  expect(parseJson('{"a":[1,null]}')).toEqual({ a: [1, null] })
  expect(parseJson('null')).toBe(null)
})

it.each(['', '{', 'undefined', "{'a':1}"])('gives undefined for %j without throwing', (text) => {
  expect(parseJson(text)).toBe(undefined)
})
