import { accountActions } from '@outcry/contract/account-events'
import { expect, it } from 'vitest'
import { eventInWords } from './event-words.ts'

it('has words for everything that may happen, done or refused', () => {
  for (const action of accountActions)
    for (const result of ['ok', 'refused', 'failed'] as const) {
      const text = eventInWords({ action, result, session_id: null })
      expect(text).toMatch(/^[A-Z][^._]+$/)
    }
})

it('tells what was done from what was tried', () => {
  const changed = { action: 'account.password_changed', session_id: 's' } as const
  expect(eventInWords({ ...changed, result: 'ok' })).toBe('Password changed')
  expect(eventInWords({ ...changed, result: 'refused' })).toBe('Changing the password')
})

it('does not call a sign-in finished that has opened no session', () => {
  const signIn = { action: 'sign_in.password', result: 'ok' } as const
  expect(eventInWords({ ...signIn, session_id: null })).toBe('Right password, code asked for')
  expect(eventInWords({ ...signIn, session_id: 's' })).toBe('Signed in with the password')
})

it('tells what a newer server knows and this page does not by its own name', () => {
  const unknown = { action: 'account.something_new', session_id: null }
  for (const result of ['ok', 'refused', 'failed'] as const)
    expect(eventInWords({ ...unknown, result })).toBe('account.something_new')
  expect(eventInWords({ action: 'toString', result: 'ok', session_id: null })).toBe('toString')
})
