import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeBase64Url } from './base64url.ts'

it('gives back what was encoded', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeBase64Url(Buffer.from(bytes).toString('base64url'))).toEqual(Buffer.from(bytes))
    }),
  )
})

it.each(['QQ==', 'QR', 'Q', 'QQ\n', ' QQ', 'Q+', 'Q/', 'QQ.', 'QÀ'])(
  'refuses the other spelling %j',
  (text) => {
    expect(decodeBase64Url(text)).toBeUndefined()
  },
)
