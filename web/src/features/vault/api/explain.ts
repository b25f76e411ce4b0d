import type { Environment } from '@outcry/contract/vault'
import { ApiProblem, PlainError } from '../../../lib/problem.ts'
import { type Refusal, refusedText } from '../outcome-text.ts'

const STALE = 'It was changed elsewhere. You see it now as it is; make your change again.'
const NOT_TRIED = 'The broker did not answer, so nothing was changed. Try again in a minute.'

/** Rethrows what the vault refused, in words that fit a key of this environment. */
export function explainedFor(environment: Environment): (error: unknown) => never {
  return (error) => {
    const sentence = error instanceof ApiProblem ? sentenceFor(error, environment) : undefined
    throw sentence === undefined ? error : new PlainError(sentence, { cause: error })
  }
}

function sentenceFor(problem: ApiProblem, environment: Environment): string | undefined {
  switch (problem.code) {
    case 'vault.version_stale':
      return STALE
    case 'vault.broker_unreachable':
      return NOT_TRIED
    case 'vault.key_refused':
      return refusedText(refusalIn(problem), environment)
    default:
      return undefined
  }
}

function refusalIn({ errors }: ApiProblem): Refusal {
  return errors.some(({ code }) => code === 'wrong_environment') ? 'wrong_environment' : 'rejected'
}
