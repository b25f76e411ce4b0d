import { describe, expect, it } from 'vitest'
import { asError } from './as-error.ts'

describe('asError', () => {
  it('gives an error as it is', () => {
    const error = new TypeError('as it is')
    expect(asError(error)).toBe(error)
  })

  it.each([
    ['string', 'canary'],
    ['undefined', undefined],
    ['null', null],
    ['number', 7],
    ['object', { message: 'canary', name: 'canary', stack: 'canary', cause: 'canary' }],
    ['function', () => 'canary'],
  ])('C79: tells nothing of what is no error but its type: %s', (type, thrown) => {
    const error = asError(thrown)
    expect(error.message).toBe(`What was thrown is no error but of type ${type}.`)
    expect(`${error.name} ${error.stack}`).not.toContain('canary')
    expect([error.cause, 'code' in error]).toEqual([undefined, false])
  })

  it.each(['ECONNRESET', 'EAI_AGAIN', 'EPROTONOSUPPORT', 'ERR_HTTP2_STREAM_ERROR', 'UND_ERR_SOCKET'])(
    'keeps a code that everybody knows: %s',
    (code) => expect(asError({ code })).toMatchObject({ code }),
  )

  it.each([
    ['of an authenticator', '123456'],
    ['that is a number', 123_456],
    ['like the id of a key', 'EKABCDEFGHIJ12345678'],
    ['like the secret of an authenticator', 'EBSWYXDPEHPKYPXP'],
    ['with more behind it', 'ECONNRESET\ncanary'],
    ['in small letters', 'econnreset'],
  ])('C79: leaves out a code %s', (_what, code) => expect('code' in asError({ code })).toBe(false))

  it('takes what does not let itself be read', () => {
    const thrown = {
      get code(): string {
        throw new Error('canary')
      },
    }
    expect(asError(thrown).message).toBe('What was thrown is no error but of type object.')
  })
})
