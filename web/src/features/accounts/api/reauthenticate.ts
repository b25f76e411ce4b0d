import { api } from '../../../lib/api.ts'
import { answerOf } from '../../../lib/problem.ts'
import type { Assertion } from './ask-for-passkey.ts'

/** What a member shows to prove again who they are. */
export type Proof =
  | { readonly password: string }
  | { readonly code: string }
  | { readonly passkey: Assertion }

/** Makes the session fresh for five minutes. */
export async function reauthenticate(proof: Proof): Promise<void> {
  await answerOf(api.POST('/api/v1/auth/reauthenticate', { body: proof }))
}
