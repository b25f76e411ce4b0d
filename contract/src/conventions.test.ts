import { type TSchema, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import {
  instantInput,
  instantOf,
  multiLine,
  nullable,
  oneOf,
  pageOf,
  singleLine,
  succeeded,
  success,
  uuid,
} from './conventions.ts'

const accepts = (schema: TSchema) => {
  const check = Compile(schema)
  return (value: unknown) => check.Check(value)
}

describe('conventions', () => {
  it('takes ids in lower case only, so that both databases find the same row', () => {
    const isId = accepts(uuid)
    expect(isId('01890a5d-ac96-774b-bcce-b302099a8057')).toBe(true)
    for (const wrong of [
      '01890A5D-AC96-774B-BCCE-B302099A8057',
      '01890a5dac96774bbcceb302099a8057',
      '',
      'me',
    ]) {
      expect(isId(wrong)).toBe(false)
    }
  })

  it('writes instants in UTC with milliseconds, and reads any offset', () => {
    expect(instantOf(new Date(0))).toBe('1970-01-01T00:00:00.000Z')
    const isInstant = accepts(instantInput)
    expect(isInstant('2026-01-31T20:45:00+01:00')).toBe(true)
    expect(isInstant('2026-01-31')).toBe(false)
    expect(isInstant('2026-02-30T00:00:00Z')).toBe(false)
  })

  it('refuses line breaks, controls and reordering marks in a name', () => {
    const isName = accepts(singleLine({ min: 1, max: 20 }))
    expect(isName('Zoë 👩‍💻 – Müller')).toBe(true)
    for (const wrong of [
      '',
      'a\nb',
      'a\tb',
      'a\u0000',
      'a\u0085',
      'a\u202eb',
      'a\u2066b',
      'a\u200f',
      'a\u2028b',
    ]) {
      expect(isName(wrong)).toBe(false)
    }
  })

  it('refuses a name in which nothing can be seen', () => {
    const isName = accepts(singleLine({ max: 20 }))
    for (const seen of ['', 'a', ' a', '\u200da', '\u{1f469}\u200d\u{1f4bb}', '\u2764\ufe0f']) {
      expect({ seen, taken: isName(seen) }).toEqual({ seen, taken: true })
    }
    for (const unseen of [
      ' ',
      '\u00a0',
      '\u200b',
      '\u3164',
      '\uffa0\u115f',
      '\ufeff \u2060',
      '\u00ad\ufe0f',
      '\u{e0041}',
    ]) {
      expect({ unseen, taken: isName(unseen) }).toEqual({ unseen, taken: false })
    }
  })

  it('takes line breaks and tabs in longer text', () => {
    const isText = accepts(multiLine({ max: 20 }))
    expect(isText('one\r\n\ttwo')).toBe(true)
    expect(isText('one\u001b[31m')).toBe(false)
  })

  it('adds null to text, words and objects', () => {
    const isRole = accepts(nullable(oneOf(['user', 'admin'])))
    expect([isRole('user'), isRole(null), isRole('god'), isRole(undefined)]).toEqual([
      true,
      true,
      false,
      false,
    ])
    const isPlace = accepts(nullable(Type.Object({ city: Type.String() })))
    expect([isPlace({ city: 'Ulm' }), isPlace(null), isPlace({})]).toEqual([true, true, false])
  })

  it('describes both ways of paging', () => {
    const isPage = accepts(pageOf(uuid))
    expect(isPage({ items: [], limit: 20, total: 0, skip: 0 })).toBe(true)
    expect(isPage({ items: [], limit: 20, next_cursor: null })).toBe(true)
  })

  it('says success as shape S', () => {
    expect(accepts(success)(succeeded('Done.'))).toBe(true)
    expect(succeeded('Done.')).toEqual({ success: true, message: 'Done.', data: null })
  })
})
