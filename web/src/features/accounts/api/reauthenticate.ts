import { api } from '../../../lib/api.ts'
import { ApiProblem, answerOf, PlainError } from '../../../lib/problem.ts'
import type { Assertion } from './ask-for-passkey.ts'

/** What a member shows to prove again who they are. */
export type Proof =
  | { readonly password: string }
  | { readonly code: string }
  | { readonly passkey: Assertion }

/** Makes the session fresh for five minutes. */
export async function reauthenticate(proof: Proof): Promise<void> {
  try {
    await answerOf(api.POST('/api/v1/auth/reauthenticate', { body: proof }))
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.code !== 'accounts.proof_incorrect') throw error
    throw new PlainError(whatIsWrongWith(proof), { cause: error })
  }
}

function whatIsWrongWith(proof: Proof): string {
  if ('password' in proof) return 'This password is incorrect. Type it again.'
  if ('code' in proof) return 'This code is incorrect or was used already. Try the next one.'
  return 'This passkey is not one of yours. Use another one, or another way.'
}
