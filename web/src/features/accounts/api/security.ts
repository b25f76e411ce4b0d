import { queryOptions } from '@tanstack/react-query'
import { api } from '../../../lib/api.ts'
import { answerOf, PlainError } from '../../../lib/problem.ts'

const ALL = { query: { limit: 100 } } as const

async function readSessions(signal: AbortSignal) {
  return answerOf(api.GET('/api/v1/auth/sessions', { params: ALL, signal }))
}
async function readPasskeys(signal: AbortSignal) {
  return answerOf(api.GET('/api/v1/auth/passkeys', { params: ALL, signal }))
}
async function readTokens(signal: AbortSignal) {
  return answerOf(api.GET('/api/v1/auth/tokens', { params: ALL, signal }))
}

/** An open session. */
export type Session = Awaited<ReturnType<typeof readSessions>>['items'][number]
/** A passkey. */
export type Passkey = Awaited<ReturnType<typeof readPasskeys>>['items'][number]
/** A personal access token, without its secret. */
export type PersonalToken = Awaited<ReturnType<typeof readTokens>>['items'][number]
/** What a token may do. */
export type TokenScope = PersonalToken['scopes'][number]

/** Where the member is signed in. */
export const sessionsQuery = queryOptions({
  queryKey: ['accounts', 'sessions'],
  queryFn: ({ signal }) => readSessions(signal),
})

/** The member's passkeys; wants a recent proof. */
export const passkeysQuery = queryOptions({
  queryKey: ['accounts', 'passkeys'],
  queryFn: ({ signal }) => readPasskeys(signal),
})

/** The member's personal access tokens; wants a recent proof. */
export const tokensQuery = queryOptions({
  queryKey: ['accounts', 'tokens'],
  queryFn: ({ signal }) => readTokens(signal),
})

export async function endSessionById(id: string): Promise<void> {
  await answerOf(api.DELETE('/api/v1/auth/sessions/{id}', { params: { path: { id } } }))
}

export async function changePassword(current_password: string, new_password: string): Promise<void> {
  await answerOf(api.PUT('/api/v1/users/me/password', { body: { current_password, new_password } }))
}

export function beginTwoFactor() {
  return answerOf(api.POST('/api/v1/auth/2fa/setup'))
}

/** What setting up a second factor begins with. */
export type TwoFactorSetup = Awaited<ReturnType<typeof beginTwoFactor>>

export async function confirmTwoFactor(code: string): Promise<void> {
  await answerOf(api.POST('/api/v1/auth/2fa/verify', { body: { code } }))
}

export async function disableTwoFactor(password: string, code: string): Promise<void> {
  await answerOf(api.POST('/api/v1/auth/2fa/disable', { body: { password, code } }))
}

export async function renewBackupCodes(): Promise<readonly string[]> {
  const { backup_codes } = await answerOf(api.POST('/api/v1/auth/2fa/backup-codes'))
  return backup_codes
}

/** Makes a passkey in the browser's own dialog and keeps it under a name. */
export async function addPasskey(name: string): Promise<Passkey> {
  const [{ startRegistration }, options] = await Promise.all([
    import('@simplewebauthn/browser'),
    answerOf(api.POST('/api/v1/auth/passkeys/options')),
  ])
  const { challenge, rp, user, pubKeyCredParams, timeout } = options
  const made = await startRegistration({
    optionsJSON: {
      challenge,
      rp,
      user,
      pubKeyCredParams,
      timeout,
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      excludeCredentials: options.excludeCredentials.map(({ id }) => ({ id, type: 'public-key' })),
    },
  }).catch((cause: unknown) => {
    const isKnown = cause instanceof Error && cause.name === 'InvalidStateError'
    throw new PlainError(
      isKnown
        ? 'This device already holds a passkey of your account.'
        : 'No passkey was made. Try again when you are ready.',
      { cause },
    )
  })
  const { id, rawId, response } = made
  const { clientDataJSON, attestationObject, transports = [] } = response
  const credential = {
    ...{ id, rawId, type: 'public-key' as const },
    response: { clientDataJSON, attestationObject, transports },
  }
  return answerOf(api.POST('/api/v1/auth/passkeys', { body: { name, credential } }))
}

export async function removePasskey(id: string): Promise<void> {
  await answerOf(api.DELETE('/api/v1/auth/passkeys/{id}', { params: { path: { id } } }))
}

/** What a new token is made for. */
export interface NewToken {
  readonly name: string
  readonly scopes: TokenScope[]
  readonly expires_at: string
  readonly credential_id: string | null
}

export function createToken(body: NewToken) {
  return answerOf(api.POST('/api/v1/auth/tokens', { body }))
}

export async function revokeToken(id: string): Promise<void> {
  await answerOf(api.DELETE('/api/v1/auth/tokens/{id}', { params: { path: { id } } }))
}
