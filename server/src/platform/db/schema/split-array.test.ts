import { describe, expect, it } from 'vitest'
import { InvalidValueError } from '../errors.ts'
import { arrayType, splitArray } from './composite-types.ts'
import { textType } from './scalar-types.ts'

const PIECES = ['', 'a', ',', '"', '\\', '{', '}', ' ', 'null', '\u{1F680}', '\\"', '""', '\\\\,']
const texts = arrayType(textType(100))

describe('an array in PostgreSQL’s text form', () => {
  it('comes apart into what it was put together from', () => {
    for (const one of PIECES) {
      for (const two of PIECES) {
        for (const list of [[one], [one, two], [one + two, two, one], [two, 'x', one + two + one]]) {
          expect(splitArray(String(texts.toPostgres(list)))).toEqual(list)
        }
      }
    }
  })
  it('is read with and without quotes, and refused when a quote is open', () => {
    expect(splitArray('{}')).toEqual([])
    expect(splitArray('{a,b}')).toEqual(['a', 'b'])
    expect(splitArray('{a,"b c",d,""}')).toEqual(['a', 'b c', 'd', ''])
    expect(() => splitArray('{"a}')).toThrow(InvalidValueError)
    expect(() => splitArray('{"a\\"}')).toThrow(InvalidValueError)
  })
})
