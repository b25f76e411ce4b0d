import { generateKeySync } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createSignedCursors, TamperedCursorError } from './signed-cursor.ts'

const cursors = createSignedCursors(generateKeySync('hmac', { length: 256 }))

it('gives back the values it was made from', () => {
  const value = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  )
  fc.assert(
    fc.property(fc.array(value, { maxLength: 4 }), (values) => {
      expect(cursors.decode('users', cursors.encode('users', values))).toEqual(values)
    }),
  )
})

it('refuses every changed character', () => {
  const cursor = cursors.encode('users', ['2030-01-01T00:00:00.000Z', 'id'])
  for (let at = 0; at < cursor.length; at += 1) {
    const changed = cursor.slice(0, at) + (cursor[at] === 'A' ? 'B' : 'A') + cursor.slice(at + 1)
    expect(() => cursors.decode('users', changed)).toThrow(TamperedCursorError)
  }
})

it('refuses a cursor of another list, of another key, and junk', () => {
  const foreign = createSignedCursors(generateKeySync('hmac', { length: 256 }))
  expect(() => cursors.decode('videos', cursors.encode('users', [1]))).toThrow(TamperedCursorError)
  expect(() => cursors.decode('users', foreign.encode('users', [1]))).toThrow(TamperedCursorError)
  for (const junk of ['', 'A', '!!', 'A'.repeat(5_000), `${cursors.encode('users', [1])}=`]) {
    expect(() => cursors.decode('users', junk)).toThrow(TamperedCursorError)
  }
})
