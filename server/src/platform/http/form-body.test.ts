import { describe, expect, it } from 'vitest'
import { parseFormBody } from './form-body.ts'

const read = (text: string) => parseFormBody(Buffer.from(text, 'latin1'))

describe('parseFormBody', () => {
  it('decodes fields, plus signs and percent-encoding', () => {
    expect(read('username=ann+b&password=p%26%3D%E2%82%AC&empty=&bare')).toEqual({
      username: 'ann b',
      password: 'p&=€',
      empty: '',
      bare: '',
    })
  })

  it.each([
    ['broken percent-encoding', 'a=%zz', 400],
    ['bytes that are not UTF-8', 'a=%ff', 400],
    ['raw bytes that are not UTF-8', 'a=\xff', 400],
    ['a field given twice', 'a=1&b=2&a=3', 422],
    ['a field given twice in different spelling', 'a=1&%61=3', 422],
    ['NUL', 'a=%00', 422],
    ['__proto__', '__proto__=x', 422],
    ['more than 100 fields', Array.from({ length: 101 }, (_, i) => `f${i}=1`).join('&'), 422],
  ])('C42: refuses %s', (_name, text, status) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ status }))
  })
})
