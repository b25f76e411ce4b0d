import { describe, expect, it } from 'vitest'
import { AppError, defineErrors, listErrors } from './errors.ts'

const vault = defineErrors('vault', {
  credentialUnreadable: { status: 409, message: 'This credential can no longer be opened.' },
  tooMany: { status: 422, message: 'You may keep {max} credentials.' },
})

const account = { field: 'body.account' }

describe('defineErrors', () => {
  it('derives the code from the module and the name', () => {
    const error = vault.credentialUnreadable({ credentialId: 'secret-id' }, { cause: new Error('boom') })
    expect(error).toBeInstanceOf(AppError)
    expect(error).toMatchObject({ code: 'vault.credential_unreadable', status: 409 })
    expect(error.detail).toBe('This credential can no longer be opened.')
    expect(error.cause).toBeInstanceOf(Error)
  })

  it('fills the placeholders of the message and asks for them', () => {
    expect(vault.tooMany({ max: 50 }, account).detail).toBe('You may keep 50 credentials.')
    // @ts-expect-error max is missing
    expect(vault.tooMany({}, account).status).toBe(422)
  })

  it('says of one field what the whole sentence says, and asks for the fields of a 422', () => {
    const message = 'You may keep 50 credentials.'
    expect(vault.tooMany({ max: 50 }, account).errors).toEqual([{ path: 'body.account', message }])
    const errors = [{ path: 'body.key', message: 'is one too many' }]
    expect(vault.tooMany({ max: 50 }, { errors }).errors).toBe(errors)
    expect(vault.credentialUnreadable().errors).toBeUndefined()
    // @ts-expect-error no field is named
    expect(vault.tooMany({ max: 50 }).errors).toBeUndefined()
  })

  it('refuses a status that is not an error', () => {
    expect(() => defineErrors('x', { fine: { status: 200, message: 'Fine.' } })).toThrow(RangeError)
  })
})

describe('listErrors', () => {
  it('lists every code with its status and sentence', () => {
    expect([...listErrors([vault]).values()]).toEqual([
      {
        code: 'vault.credential_unreadable',
        status: 409,
        message: 'This credential can no longer be opened.',
      },
      { code: 'vault.too_many', status: 422, message: 'You may keep {max} credentials.' },
    ])
  })

  it('refuses two errors with one code', () => {
    expect(() => listErrors([vault, vault])).toThrow('vault.credential_unreadable')
  })
})
