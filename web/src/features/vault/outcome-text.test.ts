import { describe, expect, it } from 'vitest'
import { refusedText, replacedText, standingText, storedText } from './outcome-text.ts'

const OUTCOMES = ['ok', 'rejected', 'wrong_environment', 'blocked', 'rate_limited', 'unreachable'] as const

describe('what is said of a key', () => {
  it('differs for each outcome, and never has the name that programs use', () => {
    for (const environment of ['paper', 'live'] as const) {
      const said = OUTCOMES.map((outcome) => standingText(outcome, environment))
      expect(new Set(said).size).toBe(OUTCOMES.length)
      for (const sentence of said) expect(sentence).toMatch(/^[A-Z][^_]*\.$/)
    }
  })

  it('tells a stored key from one that was stored without a test', () => {
    expect(storedText('ok')).toBe('Stored. The broker accepts this key.')
    expect(storedText('blocked')).toMatch(/^Stored\. .*blocked/)
    for (const outcome of ['rate_limited', 'unreachable', null] as const)
      expect(storedText(outcome)).toMatch(/^Stored without a test/)
  })

  it('says first that a refused key is not stored, and to which environment it belongs', () => {
    expect(refusedText('rejected', 'paper')).toMatch(/^Not stored: .*does not accept/)
    expect(refusedText('wrong_environment', 'paper')).toMatch(
      /^Not stored: this is a live key, not a paper one\./,
    )
    expect(refusedText('wrong_environment', 'live')).toMatch(
      /^Not stored: this is a paper key, not a live one\./,
    )
  })

  it('says what came of replacing it', () => {
    expect(replacedText('ok')).toMatch(/^The new key is in use\./)
    expect(replacedText('blocked')).toMatch(/blocked/)
  })
})
