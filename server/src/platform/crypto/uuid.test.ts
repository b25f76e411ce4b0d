import { expect, it } from 'vitest'
import { createUuidv7, isUuid } from './uuid.ts'

const at = (ms: number) => ({ now: () => new Date(ms) })

it('makes version 7 identifiers that begin with the time', () => {
  const id = createUuidv7(at(0x0198_1122_3344))()
  expect(id).toMatch(/^01981122-3344-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(isUuid(id)).toBe(true)
})

it('keeps the order of making within one millisecond, past a full counter and past a full pool', () => {
  const make = createUuidv7(at(1_900_000_000_000))
  const ids = Array.from({ length: 20_000 }, make)
  expect(ids.toSorted()).toEqual(ids)
  expect(new Set(ids).size).toBe(ids.length)
})

it('keeps the order of making when the clock is set back', () => {
  let nowMs = 1_900_000_000_000
  const make = createUuidv7({ now: () => new Date(nowMs) })
  const before = make()
  nowMs -= 3_600_000
  expect(make() > before).toBe(true)
})

it('never repeats across makers at the same time', () => {
  const ids = Array.from({ length: 1_000 }, () => createUuidv7(at(1))())
  expect(new Set(ids).size).toBe(1_000)
})

it.each([
  '',
  'x',
  '0198112233447abc8def0123456789ab',
  '01981122-3344-7ABC-8DEF-0123456789AB',
  '01981122-3344-7abc-cdef-0123456789ab',
  '01981122-3344-7abc-8def-0123456789ab\n',
])('does not take %j for a UUID', (text) => {
  expect(isUuid(text)).toBe(false)
})
