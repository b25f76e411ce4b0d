import { describe, expect, it } from 'vitest'
import { createAddressRanges, isAddressRange } from './address-ranges.ts'

describe('address ranges', () => {
  it.each([
    ['192.0.2.7', ['192.0.2.7'], ['192.0.2.8', '::1']],
    ['192.0.2.9/24', ['192.0.2.0', '192.0.2.255'], ['192.0.3.0']],
    ['0.0.0.0/0', ['192.0.2.7'], ['2001:db8::1']],
    ['2001:db8::/32', ['2001:db8:ffff::1', '2001:0db8::1'], ['2001:db9::1', '192.0.2.7']],
    ['::ffff:192.0.2.0/120', ['192.0.2.7'], ['192.0.3.7']],
  ])('include of %s what lies in it', (range, inside, outside) => {
    const ranges = createAddressRanges([range])
    expect(inside.filter((address) => !ranges.includes(address))).toEqual([])
    expect(outside.filter((address) => ranges.includes(address))).toEqual([])
  })

  it('include nothing that is no address', () => {
    const ranges = createAddressRanges(['0.0.0.0/0', '::/0'])
    expect(['', 'localhost', '192.0.2.7/32', '192.0.2'].filter((text) => ranges.includes(text))).toEqual([])
  })

  it.each(
    [
      [
        '',
        'localhost',
        '192.0.2',
        '192.0.2.256',
        '192.0.2.7/',
        '192.0.2.7/33',
        '192.0.2.7/-1',
        '192.0.2.7/1.5',
      ],
      ['192.0.2.7/24/24', '192.0.2.7/ 8', '2001:db8::/129', 'fe80::1%eth0', '*', '/8', '192.0.2.7/0x8'],
    ].flat(),
  )('are not made of %j', (text) => {
    expect(isAddressRange(text)).toBe(false)
    expect(() => createAddressRanges([text])).toThrow(RangeError)
  })
})
