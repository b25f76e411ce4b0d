import { describe, expect, it } from 'vitest'
import { formatInstant, parsePostgresInstant, parseSqliteInstant } from './instant.ts'

const DAY_MS = 86_400_000
const FIRST = Date.parse('0001-01-01T00:00:00.000Z')
const LAST = Date.parse('9999-12-31T23:59:59.999Z')

function* instants(): Generator<number> {
  for (const edge of [FIRST, LAST, 0, -1, 1, DAY_MS - 1, DAY_MS, -DAY_MS, -DAY_MS - 1]) yield edge
  for (let day = Math.floor(FIRST / DAY_MS); day * DAY_MS <= LAST; day += 97) yield day * DAY_MS
  for (let minute = 0; minute < 1440; minute++) yield DAY_MS * 20_000 + minute * 60_000
  for (let ms = 0; ms < 61_000; ms += 37) yield -DAY_MS * 3 + ms
  for (let i = 1; i < 5_000; i++)
    yield Math.round(FIRST + ((LAST - FIRST) * ((i * 7919) % 5_000)) / 5_000 + i)
}

/** As PostgreSQL prints it: a fraction without its last zeros. */
function asPostgres(text: string): string {
  const fraction = text.slice(20, 23).replace(/0+$/, '')
  return `${text.slice(0, 10)} ${text.slice(11, 19)}${fraction && `.${fraction}`}+00`
}

describe('an instant', () => {
  it('is written as toISOString does, from the year 1 to 9999, and read back from both engines', () => {
    for (const ms of instants()) {
      const text = formatInstant(new Date(ms))
      expect(text).toBe(new Date(ms).toISOString())
      expect(parseSqliteInstant(text).getTime()).toBe(ms)
      expect(parsePostgresInstant(asPostgres(text)).getTime()).toBe(ms)
    }
  })
})
