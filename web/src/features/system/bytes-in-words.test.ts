import { expect, it } from 'vitest'
import { bytesInWords } from './bytes-in-words.ts'

it('tells bytes in the largest unit that fits', () => {
  expect([null, 0, 1023, 1024, 1_572_864, 5 * 1024 ** 4].map(bytesInWords)).toEqual([
    'Not known',
    '0 bytes',
    '1023 bytes',
    '1.0 KiB',
    '1.5 MiB',
    '5.0 TiB',
  ])
})
