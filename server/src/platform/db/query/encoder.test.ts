import { describe, expect, it } from 'vitest'
import { InvalidValueError } from '../errors.ts'
import { integerValueType, textType } from '../schema/scalar-types.ts'
import { createEncoder } from './encoder.ts'
import { Bound, Param } from './param.ts'

const HOSTILE = `"];throw 1;//\u2028\\`

describe('the encoder of a statement', () => {
  it('takes any word for the name of an argument and none for code', () => {
    const parameters = [
      new Bound(new Param(HOSTILE), textType(5)),
      new Bound(new Param('x', { of: HOSTILE }), textType(5)),
    ]
    expect(createEncoder('sqlite', parameters.slice(0, 1))({ [HOSTILE]: 'one' })).toEqual(['one'])
    expect(createEncoder('sqlite', parameters.slice(1))({ [HOSTILE]: { x: 'two' } })).toEqual(['two'])
  })
  it('encodes constants once, fallbacks where an argument is left out, and null as null', () => {
    const encode = createEncoder('postgres', [
      new Bound(7, integerValueType),
      new Bound(new Param('n', { fallback: 3 }), integerValueType),
      new Bound(new Param('m', { of: 'patch' }), integerValueType),
    ])
    expect(encode({ patch: { m: null } })).toEqual(['7', '3', null])
    expect(encode({ n: 4, patch: { m: 5 } })).toEqual(['7', '4', '5'])
    expect(encode({ n: null, patch: { m: 5 } })).toEqual(['7', null, '5'])
  })
  it('refuses a missing argument and a value that its column cannot hold', () => {
    const encode = createEncoder('sqlite', [new Bound(new Param('n'), integerValueType), new Param('any')])
    expect(() => encode({ any: 1 })).toThrow(InvalidValueError)
    expect(() => encode({ n: 1 })).toThrow(InvalidValueError)
    expect(() => encode({ n: 'one', any: 1 })).toThrow(InvalidValueError)
    expect(() => encode({ n: 1, any: 'half a pair \uD800' })).toThrow(InvalidValueError)
    expect(encode({ n: 1, any: true })).toEqual([1, 1])
  })
  it('refuses at once a constant or a fallback that its column cannot hold', () => {
    expect(() => createEncoder('sqlite', [new Bound('one', integerValueType)])).toThrow(InvalidValueError)
    const fallback = new Param('n', { fallback: 0.5 })
    expect(() => createEncoder('sqlite', [new Bound(fallback, integerValueType)])).toThrow(InvalidValueError)
  })
})
