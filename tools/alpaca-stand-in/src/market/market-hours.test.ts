import { describe, expect, it } from 'vitest'
import {
  isOpen,
  lastTraded,
  momentOf,
  nextClose,
  nextOpen,
  previousClose,
  withNewYorkOffset,
} from './market-hours.ts'

const at = (text: string) => Date.parse(text)

describe('New York time', () => {
  it('follows daylight time', () => {
    expect(withNewYorkOffset(at('2026-06-15T14:30:00Z'))).toBe('2026-06-15T10:30:00-04:00')
    expect(withNewYorkOffset(at('2026-12-15T14:30:00Z'))).toBe('2026-12-15T09:30:00-05:00')
  })

  it('agrees with the time zone data of the machine around every change', () => {
    const zone = new Intl.DateTimeFormat('en-US', {
      timeZone: 'America/New_York',
      timeZoneName: 'longOffset',
    })
    for (let ms = at('2025-01-01T00:00:00Z'); ms < at('2031-01-01T00:00:00Z'); ms += 3_600_000) {
      const known = zone.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value
      if (known !== `GMT${withNewYorkOffset(ms).slice(-6)}`) expect(withNewYorkOffset(ms)).toBe(known)
    }
  })

  it('finds a wall-clock time on both sides of a change', () => {
    expect(new Date(momentOf('2026-03-06', '09:30')).toISOString()).toBe('2026-03-06T14:30:00.000Z')
    expect(new Date(momentOf('2026-03-09', '09:30')).toISOString()).toBe('2026-03-09T13:30:00.000Z')
  })
})

describe('the market', () => {
  it('is open from 9:30 to 16:00 on weekdays', () => {
    expect(isOpen(at('2026-06-15T13:29:59.999Z'))).toBe(false)
    expect(isOpen(at('2026-06-15T13:30:00Z'))).toBe(true)
    expect(isOpen(at('2026-06-15T20:00:00Z'))).toBe(false)
    expect(isOpen(at('2026-06-14T15:00:00Z'))).toBe(false)
  })

  it('knows its next and its last times over a weekend', () => {
    const saturday = at('2026-06-13T15:00:00Z')
    expect(nextOpen(saturday)).toBe(at('2026-06-15T13:30:00Z'))
    expect(nextClose(saturday)).toBe(at('2026-06-15T20:00:00Z'))
    expect(lastTraded(saturday)).toBe(at('2026-06-12T20:00:00Z'))
    expect(previousClose(at('2026-06-15T14:30:00Z'))).toBe(at('2026-06-12T20:00:00Z'))
    expect(lastTraded(at('2026-06-15T12:00:00Z'))).toBe(at('2026-06-12T20:00:00Z'))
  })
})
