import type { QueryClient } from '@tanstack/react-query'
import { api, cookieSession } from '../../../lib/api.ts'
import { type Me, meQuery } from '../../../lib/me.ts'
import { answerOf, PlainError } from '../../../lib/problem.ts'
import type { Assertion } from './ask-for-passkey.ts'

/** What is typed to sign in. */
export interface NameAndPassword {
  readonly name: string
  readonly password: string
}

/** A right password of somebody who also uses an authenticator app: what is still to come, and for how long. */
export interface SecondStep {
  readonly token: string
  readonly expiresInSeconds: number
}

const params = { header: cookieSession }

/** Signs in; answers the second step where one is needed. */
export async function signInWithPassword({
  name,
  password,
}: NameAndPassword): Promise<SecondStep | undefined> {
  const body = { username_or_email: name, password }
  const answer = await answerOf(api.POST('/api/v1/auth/login/json', { params, body }))
  const { two_factor_token: token, expires_in: expiresInSeconds } = answer
  return token === undefined ? undefined : { token, expiresInSeconds }
}

/** Finishes signing in with a code of the app, or with a backup code. */
export async function signInWithCode(token: string, code: string): Promise<void> {
  const body = { token, two_fa_token: code.replace(/\s/g, '') }
  await answerOf(api.POST('/api/v1/auth/2fa/login', { params, body }))
}

/** Signs in with what a passkey answered. */
export async function signInWithPasskey(credential: Assertion): Promise<void> {
  await answerOf(api.POST('/api/v1/auth/passkeys/login', { params, body: { credential } }))
}

/** Who has just signed in; what was read before them is forgotten. Throws when the browser did not keep the session's cookies. */
export async function readSignedIn(queries: QueryClient): Promise<Me> {
  // Note: `clear` would take from open pages what they hear from `meQuery`, which is read anew.
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== meQuery.queryKey[0] })
  const me = await queries.fetchQuery({ ...meQuery, staleTime: 0 })
  if (me !== null) return me
  throw new PlainError(
    'Your browser did not keep the sign-in. Allow cookies for this site and sign in again.',
  )
}
