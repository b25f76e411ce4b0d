import { expect, it } from 'vitest'
import { actionInWords, endInWords } from './audit-words.ts'

it('says what was done in words, and what it does not know as the log has it', () => {
  expect(actionInWords({ action: 'credential.used', purpose: 'positions' })).toBe('Positions read')
  expect(actionInWords({ action: 'credential.used', purpose: 'elsewhere' })).toMatch(/other environment/)
  expect(actionInWords({ action: 'credential.used', purpose: 'something_new' })).toBe('Used: something_new')
  expect(actionInWords({ action: 'credential.used', purpose: null })).toBe('Used')
  expect(actionInWords({ action: 'credential.rotated', purpose: null })).toBe('Key replaced')
  expect(actionInWords({ action: 'credential.refused', purpose: 'orders' })).toBe('Use refused: orders read')
  expect(actionInWords({ action: 'credential.something', purpose: null })).toBe('credential.something')
})

it('tells an end that is not known from one that is', () => {
  expect(endInWords(null)).toBe('End not known')
  expect(endInWords('ok')).toBe('Done')
  expect(endInWords('something')).toBe('something')
})
