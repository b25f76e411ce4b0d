import type { ChoiceProblem } from '@outcry/contract/vault'
import { formatInstant } from '../../lib/format.ts'
import { credentialName, type NamedCredential } from './credential-name.ts'

interface Chosen extends NamedCredential {
  readonly expires_at: string | null
}

/** What is told of a chosen credential that cannot be used. */
export interface ChoiceProblemText {
  readonly title: string
  readonly advice: string
}

const UNNAMED = 'The credential that you had chosen'

/** Says what became of the chosen credential, and what can be done. */
export function choiceProblemText(problem: ChoiceProblem, chosen: Chosen | null): ChoiceProblemText {
  const name = chosen === null ? UNNAMED : `“${credentialName(chosen)}”`
  const until = chosen?.expires_at ? ` on ${formatInstant(chosen.expires_at)}` : ''
  switch (problem) {
    case 'deleted':
      return {
        title: `${UNNAMED} was deleted.`,
        advice: 'Your desk shows nothing until you choose another one.',
      }
    case 'inactive':
      return {
        title: `${name} is switched off.`,
        advice: 'Choose another one, or switch it on in the vault.',
      }
    case 'expired':
      return {
        title: `${name} expired${until}.`,
        advice: 'Choose another one, or give it a later expiry in the vault.',
      }
    case 'refused':
      return {
        title: `The broker refuses ${chosen === null ? 'the credential that you had chosen' : name}.`,
        advice: 'Choose another one, or test it and replace its key in the vault.',
      }
  }
}
