import type { Clock } from '../../../platform/clock.ts'
import { createOpaqueToken, digestToken, isOpaqueToken } from '../../../platform/crypto/opaque-token.ts'
import type { Tx } from '../../../platform/db/index.ts'
import { MINUTE } from '../../../platform/durations.ts'
import type { Ceremony } from './passkey.table.ts'
import { consumeChallenge, insertChallenge } from './passkey-challenge.store.ts'

/** How long a challenge may be answered, as C18 and the default of WebAuthn Level 3, section 15.1, have it. */
export const CHALLENGE_TTL_MS = 5 * MINUTE

/** What a challenge is for, who may answer it, and in which browser. */
export interface ChallengePurpose {
  readonly ceremony: Ceremony
  /** None for a sign-in, where the answer tells. */
  readonly userId: string | null
  /** The digest of the browser's cookie; absent when no browser asks. */
  readonly browserHash: Uint8Array | undefined
}

export interface PasskeyChallenges {
  /** A new challenge of 32 random bytes in base64url; only its digest is kept. */
  give(tx: Tx, purpose: ChallengePurpose): Promise<string>
  /** Spends a challenge; false when it was not given for this, was answered before, or is too old. */
  take(tx: Tx, challenge: string, purpose: ChallengePurpose): Promise<boolean>
}

/** Challenges that authenticators sign: each good once, for one ceremony, one member and one browser (C18, C20). */
export function createPasskeyChallenges({
  clock,
  newId,
}: {
  readonly clock: Clock
  readonly newId: () => string
}): PasskeyChallenges {
  return {
    async give(tx, { ceremony, userId, browserHash }) {
      const now = clock.now()
      const challenge = createOpaqueToken()
      await insertChallenge(tx, {
        id: newId(),
        created_at: now,
        expires_at: new Date(now.getTime() + CHALLENGE_TTL_MS),
        challenge_hash: digestToken(challenge),
        ceremony,
        user_id: userId,
        browser_hash: browserHash ?? null,
      })
      return challenge
    },
    async take(tx, challenge, { ceremony, userId, browserHash }) {
      if (!isOpaqueToken(challenge)) return false
      const hash = digestToken(challenge)
      const answer = { hash, ceremony, userId, browserHash: browserHash ?? null, now: clock.now() }
      return consumeChallenge(tx, answer)
    },
  }
}
