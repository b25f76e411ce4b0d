import { expect, it } from 'vitest'
import { formatDay } from '../../lib/format.ts'
import { credentialName, credentialNameInText } from './credential-name.ts'

const added = { credential_type: 'alpaca_paper', created_at: '2026-06-15T12:00:00.000Z' }

it('is the nickname', () => {
  expect(credentialName({ ...added, nickname: 'Swing' })).toBe('Swing')
})

it('stands after LIVE or PAPER where there is text alone', () => {
  expect(credentialNameInText({ ...added, nickname: 'Swing', environment: 'paper' })).toBe('PAPER Swing')
})

it('is the type in words and the day it was added when nobody named it', () => {
  expect(credentialName({ ...added, nickname: 'alpaca_paper' })).toBe(
    `Alpaca paper, added ${formatDay(added.created_at)}`,
  )
})

it('knows types that this page was not made for', () => {
  const named = { ...added, credential_type: 'some_new_broker', nickname: 'some_new_broker' }
  expect(credentialName(named)).toMatch(/^Some new broker, added /)
})

it('takes another type for the nickname that it is', () => {
  expect(credentialName({ ...added, nickname: 'alpaca_live' })).toBe('alpaca_live')
})
