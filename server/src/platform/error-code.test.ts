import { expect, it } from 'vitest'
import { errorCode } from './error-code.ts'

it('gives the code of an error that has one', () => {
  expect(errorCode(Object.assign(new Error('gone'), { code: 'ENOENT' }))).toBe('ENOENT')
})

it.each([new Error('plain'), Object.assign(new Error('number'), { code: 5 }), { code: 'ENOENT' }, undefined])(
  'gives undefined for %o',
  (error) => {
    expect(errorCode(error)).toBe(undefined)
  },
)
