import type { Clock } from '../../../platform/clock.ts'
import { createOpaqueToken, digestToken } from '../../../platform/crypto/opaque-token.ts'
import type { Tx } from '../../../platform/db/index.ts'
import { MINUTE, SECOND } from '../../../platform/durations.ts'
import { insertPendingSignIn } from './pending-sign-in.store.ts'

const TTL_MS = 5 * MINUTE // C19

/** The answer to a sign-in whose second factor is still to come. */
export interface SecondFactorNeeded {
  readonly access_token: ''
  readonly refresh_token: ''
  readonly token_type: 'bearer'
  readonly expires_in: number
  readonly two_factor_required: true
  readonly two_factor_token: string
}

/** A sign-in as far as it has come. */
export interface FirstStep {
  readonly userId: string
  /** What was proven; RFC 8176. */
  readonly methods: readonly string[]
  /** The digest of the browser's cookie; absent when no browser signs in. */
  readonly browserHash: Uint8Array | undefined
}

/** Keeps a sign-in until its second factor comes; the token opens that second step and nothing else (C19). */
export type AskForSecondFactor = (tx: Tx, step: FirstStep) => Promise<SecondFactorNeeded>

export function createAskForSecondFactor(options: {
  readonly clock: Clock
  readonly newId: () => string
}): AskForSecondFactor {
  const { clock, newId } = options
  return async (tx, { userId, methods, browserHash }) => {
    const now = clock.now()
    const token = createOpaqueToken()
    await insertPendingSignIn(tx, {
      id: newId(),
      user_id: userId,
      created_at: now,
      expires_at: new Date(now.getTime() + TTL_MS),
      token_hash: digestToken(token),
      browser_hash: browserHash ?? null,
      amr: methods,
    })
    return {
      access_token: '',
      refresh_token: '',
      token_type: 'bearer',
      expires_in: TTL_MS / SECOND,
      two_factor_required: true,
      two_factor_token: token,
    }
  }
}
