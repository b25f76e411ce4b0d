import { expect, it } from 'vitest'
import { choiceProblemText } from './choice-problem-text.ts'

const chosen = {
  nickname: 'Swing',
  credential_type: 'alpaca_paper',
  created_at: '2026-06-15T12:00:00.000Z',
  expires_at: '2026-06-16T12:00:00.000Z',
}

it('says what became of the chosen one, by its name, and what to do', () => {
  expect(choiceProblemText('deleted', null).title).toBe('The credential that you had chosen was deleted.')
  expect(choiceProblemText('inactive', chosen).title).toBe('“Swing” is switched off.')
  expect(choiceProblemText('expired', chosen).title).toMatch(/^“Swing” expired on .*2026.*\.$/)
  expect(choiceProblemText('refused', chosen).title).toBe('The broker refuses “Swing”.')
  for (const problem of ['deleted', 'inactive', 'expired', 'refused'] as const)
    expect(choiceProblemText(problem, chosen).advice).toMatch(/choose another/i)
})
