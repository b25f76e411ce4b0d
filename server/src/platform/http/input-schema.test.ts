import { listQueryWith, nullable, oneOf, singleLine } from '@outcry/contract/conventions'
import { Type } from 'typebox'
import { describe, expect, it } from 'vitest'
import { compileInput } from './input-schema.ts'

const body = compileInput(
  Type.Object({
    name: singleLine({ min: 2, max: 3 }),
    role: Type.Optional(oneOf(['user', 'admin'])),
    all: Type.Boolean({ default: false }),
    note: Type.Optional(nullable(Type.String())),
    parts: Type.Optional(Type.Array(Type.Object({ n: Type.Integer() }))),
  }),
  { root: 'body' },
)

describe('compileInput', () => {
  it('C42: leaves out fields the schema does not name, at every level, and fills defaults', () => {
    expect(body({ name: 'abc', is_verified: true, note: null, parts: [{ n: 1, role: 'admin' }] })).toEqual({
      value: { name: 'abc', all: false, note: null, parts: [{ n: 1 }] },
    })
  })

  it('reports every refused field in plain words', () => {
    expect(body({ name: 'x', role: 'god', all: 'yes', parts: [{ n: 1 }, { n: '1' }, {}] })).toEqual({
      errors: [
        { path: 'body.name', message: 'must have at least 2 characters' },
        { path: 'body.role', message: 'must be one of user, admin' },
        { path: 'body.all', message: 'must be true or false' },
        { path: 'body.parts.1.n', message: 'must be a whole number' },
        { path: 'body.parts.2.n', message: 'is required' },
      ],
    })
  })

  it('never repeats what was sent', () => {
    expect(JSON.stringify(body({ name: 'hunter2hunter2', role: 'hunter2' }))).not.toContain('hunter2')
  })

  it('counts characters as code points', () => {
    expect(body({ name: '👍👍👍' })).toHaveProperty('value')
    expect(body({ name: '👍👍👍👍' })).toHaveProperty('errors')
  })

  it('uses the words of the schema for a text that misses its pattern', () => {
    const words = 'must show something, without line breaks, control characters or marks that reorder text'
    expect(body({ name: 'a\n' })).toEqual({ errors: [{ path: 'body.name', message: words }] })
    expect(body({ name: 'a\u202e' })).toEqual({ errors: [{ path: 'body.name', message: words }] })
  })

  it.each([undefined, null, 'text', [], 5])('refuses %s where an object is needed', (input) => {
    expect(body(input)).toHaveProperty('errors')
  })

  it('does not coerce the types of a body', () => {
    expect(body({ name: 123 })).toHaveProperty('errors')
  })
})

describe('compileInput from text', () => {
  const query = compileInput(
    listQueryWith({ loud: Type.Optional(Type.Boolean()), tags: Type.Optional(Type.Array(Type.String())) }),
    { root: 'query', fromText: true },
  )

  it('reads numbers, booleans and lists, and fills defaults', () => {
    expect(query({})).toEqual({ value: { skip: 0, limit: 20 } })
    expect(query({ skip: '40', limit: '100', loud: 'true', tags: 'a', extra: '1' })).toEqual({
      value: { skip: 40, limit: 100, loud: true, tags: ['a'] },
    })
  })

  it.each([
    [{ limit: '101' }, 'must be at most 100'],
    [{ limit: '0' }, 'must be at least 1'],
    [{ skip: '-1' }, 'must be at least 0'],
    [{ skip: '1e3' }, 'must be a whole number'],
    [{ skip: ' 1' }, 'must be a whole number'],
    [{ skip: '' }, 'must be a whole number'],
    [{ skip: ['1', '2'] }, 'must be a whole number'],
    [{ loud: '1' }, 'must be true or false'],
  ])('refuses %o', (input, message) => {
    expect(query(input)).toMatchObject({ errors: [{ message }] })
  })
})
