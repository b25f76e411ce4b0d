import type { Environment, Outcome } from '@outcry/contract/vault'
import { queryOptions } from '@tanstack/react-query'
import { api } from '../../../lib/api.ts'
import { ApiProblem, answerOf } from '../../../lib/problem.ts'
import type { KeyPair } from '../pasted-pair.ts'
import { explainedFor } from './explain.ts'

/** More credentials than the server lets anyone have. */
const ALL = { limit: 100 } as const

async function readCredentials(signal: AbortSignal) {
  const { credentials } = await answerOf(api.GET('/api/v1/credentials', { params: { query: ALL }, signal }))
  return credentials
}

/** A stored broker key as its owner sees it. */
export type Credential = Awaited<ReturnType<typeof readCredentials>>[number]

/** All credentials of the member. */
export const credentialsQuery = queryOptions({
  queryKey: ['vault', 'credentials'],
  queryFn: ({ signal }) => readCredentials(signal),
})

/** What is to be stored. */
export interface CredentialWish {
  readonly accountId: string
  readonly type: string
  readonly environment: Environment
  readonly nickname: string
  readonly pair: KeyPair
}

/** Has a key tried at its broker and stored. `attempt` names the attempt: the same one is carried out once. */
export function storeCredential(wish: CredentialWish, attempt: string): Promise<Credential> {
  const { accountId, type, environment, nickname, pair } = wish
  const stored = answerOf(
    api.POST('/api/v1/credentials/store', {
      params: { header: { 'idempotency-key': attempt } },
      body: {
        account_id: accountId,
        credential_type: type,
        nickname,
        api_key: pair.apiKey,
        secret_key: pair.secretKey,
        validate: true,
      },
    }),
  )
  return stored.catch(explainedFor(environment))
}

/** What can be changed of a credential; what is left out stays. */
export interface CredentialChange {
  readonly nickname?: string
  readonly is_active?: boolean
  readonly is_default?: boolean
  readonly is_trading_enabled?: boolean
  readonly expires_at?: string | null
}

/** A credential as it was seen: changed in between, it is not changed again unseen. */
export type SeenCredential = Pick<Credential, 'id' | 'version' | 'environment'>

const paramsOf = ({ id, version }: SeenCredential) => ({
  path: { id },
  header: { 'if-match': `"${version}"` },
})

export function changeCredential(seen: SeenCredential, change: CredentialChange): Promise<Credential> {
  const changed = answerOf(api.PUT('/api/v1/credentials/{id}', { params: paramsOf(seen), body: change }))
  return changed.catch(explainedFor(seen.environment))
}

/** Puts a new pair in the place of the old one, if the broker accepts it. */
export function replaceKey(seen: SeenCredential, { apiKey, secretKey }: KeyPair): Promise<Credential> {
  const body = { api_key: apiKey, secret_key: secretKey }
  const changed = answerOf(api.PUT('/api/v1/credentials/{id}', { params: paramsOf(seen), body }))
  return changed.catch(explainedFor(seen.environment))
}

export async function deleteCredential(seen: SeenCredential): Promise<void> {
  const deleted = answerOf(api.DELETE('/api/v1/credentials/{id}', { params: paramsOf(seen) }))
  await deleted.catch(explainedFor(seen.environment))
}

/** Tries a stored key at its broker; a broker that does not answer is an outcome too. */
export async function testCredential(id: string): Promise<Outcome> {
  try {
    const { outcome } = await answerOf(
      api.POST('/api/v1/credentials/{id}/validate', { params: { path: { id } } }),
    )
    return outcome
  } catch (error) {
    if (error instanceof ApiProblem && error.code === 'vault.broker_unreachable') return 'unreachable'
    throw error
  }
}
