import { credentialsContract } from '@outcry/contract/vault'
import { defineRoute } from '../../../platform/http/route.ts'
import type { CredentialSettings } from '../credentials/plan-change.ts'
import type { KeyPair } from '../provider.ts'
import { vaultErrors } from '../vault.errors.ts'
import type { VaultServices } from '../vault.services.ts'
import { actingIn } from './acting-in.ts'
import { credentialAnswer } from './credential-answer.ts'
import { seenVersion } from './if-match.ts'
import { newPairLimit } from './limits.ts'
import { nicknameIn } from './nickname-in.ts'

interface UpdateBody {
  readonly nickname?: string | null
  readonly is_active?: boolean
  readonly is_default?: boolean
  readonly is_trading_enabled?: boolean
  readonly expires_at?: string | null
  readonly api_key?: string
  readonly secret_key?: string
}

function pairIn({ api_key: apiKey, secret_key: secretKey }: UpdateBody): KeyPair | undefined {
  if (apiKey !== undefined && secretKey !== undefined) return { apiKey, secretKey }
  if (apiKey === undefined && secretKey === undefined) return undefined
  const path = apiKey === undefined ? 'body.api_key' : 'body.secret_key'
  throw vaultErrors.pairIncomplete({}, { errors: [{ path, message: 'is required with the other half' }] })
}

function settingsIn(body: UpdateBody): CredentialSettings {
  const { expires_at: expiresAt } = body
  const nickname = nicknameIn(body.nickname)
  return {
    ...(nickname === undefined ? {} : { nickname }),
    ...(body.is_active === undefined ? {} : { isActive: body.is_active }),
    ...(body.is_default === undefined ? {} : { isDefault: body.is_default }),
    ...(body.is_trading_enabled === undefined ? {} : { isTradingEnabled: body.is_trading_enabled }),
    ...(expiresAt === undefined ? {} : { expiresAt: expiresAt === null ? null : new Date(expiresAt) }),
  }
}

/** Changes one of your broker keys, or replaces its pair. */
export const updateCredentialRoute = defineRoute(credentialsContract.updateCredential, {
  access: 'fresh-where-due',
  limit: 'default',
  countedByHandler: [newPairLimit],
  notFound: vaultErrors.credentialNotFound,
  async handle(call, { updateCredential, countNewPair }: VaultServices) {
    const by = actingIn(call)
    const settings = settingsIn(call.body)
    const pair = pairIn(call.body)
    if (pair) await countNewPair(by.userId)
    const seen = seenVersion(call.headers['if-match'])
    return credentialAnswer(await updateCredential(by, call.params.id, { settings, pair, seen }))
  },
})
