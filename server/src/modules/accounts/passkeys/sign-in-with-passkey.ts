import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Db } from '../../../platform/db/index.ts'
import { aboutUser, askedFrom } from '../accounts.audit.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { accountsPolicy } from '../accounts.policy.ts'
import type { ClientFacts } from '../client-facts.ts'
import type { CompleteSignIn } from '../sessions/complete-sign-in.ts'
import type { IssuedTokens } from '../sessions/session-tokens.ts'
import { lockUser } from '../users/user.store.ts'
import type { AssertionAnswer, PasskeyUse } from './passkey-answer.ts'
import { CHALLENGE_TTL_MS, type PasskeyChallenges } from './passkey-challenges.ts'
import type { PasskeyProof, PasskeyRefusal, ProvePasskey } from './prove-passkey.ts'
import type { RelyingParty } from './relying-party.ts'

export interface SignInWithPasskeyOptions {
  readonly db: Db
  readonly clock: Clock
  readonly audit: Audit
  readonly challenges: PasskeyChallenges
  readonly relyingParty: RelyingParty
  readonly provePasskey: ProvePasskey
  readonly completeSignIn: CompleteSignIn
}

/** What a browser sends to sign in. */
export interface PasskeySignIn {
  readonly credential: AssertionAnswer
  readonly browserHash: Uint8Array | undefined
  readonly client: ClientFacts
}

type Refusal = PasskeyRefusal | 'closed'

/**
 * What a passkey proves, RFC 8176: a key in one piece of hardware (`hwk`) or one that is synchronised (`swk`), with its
 * user there (`user`) and verified by the device, which makes it more than one factor (`mfa`).
 */
export const methodsOf = ({ isSynced }: PasskeyUse): readonly string[] => [
  isSynced ? 'swk' : 'hwk',
  'user',
  'mfa',
]

/** Signing in with a passkey alone: no name, no password, no code. Every refusal is the same 401. */
export function createSignInWithPasskey(options: SignInWithPasskeyOptions) {
  const { db, clock, audit, challenges, relyingParty, provePasskey, completeSignIn } = options

  const refuse = async (reason: Refusal, userId: string | undefined, client: ClientFacts): Promise<never> => {
    await db.withSystem((tx) =>
      audit.record(tx, {
        action: 'sign_in.passkey',
        result: 'refused',
        ...(userId === undefined ? {} : aboutUser(userId)),
        ...askedFrom(client),
        details: { reason },
      }),
    )
    throw accountsErrors.passkeyIncorrect()
  }

  const open = (proof: PasskeyProof, client: ClientFacts): Promise<IssuedTokens | Refusal> =>
    db.withSystem(async (tx) => {
      // Note: the lock makes closing the account or removing the passkey come either before, and show here, or after, and
      // end the session that is opened here.
      const user = await lockUser(tx, proof.passkey.user_id)
      if (!user || !accountsPolicy.holdSession(user, clock.now())) return 'closed'
      const refusal = await provePasskey.spend(tx, user, { proof, client })
      if (refusal) return refusal
      return completeSignIn(tx, { user, methods: methodsOf(proof.use), client, action: 'sign_in.passkey' })
    })

  return {
    /**
     * What the browser needs to ask its member for a passkey: the same for everybody, no list of credentials. With somebody
     * signed in, the answer proves again that it is they, and signs nobody in.
     */
    async begin(userId: string | undefined, browserHash: Uint8Array | undefined) {
      const purpose =
        userId === undefined
          ? ({ ceremony: 'sign_in', userId: null, browserHash } as const)
          : ({ ceremony: 'reauthenticate', userId, browserHash } as const)
      return {
        challenge: await db.withSystem((tx) => challenges.give(tx, purpose)),
        rpId: relyingParty.id,
        timeout: CHALLENGE_TTL_MS,
        userVerification: 'required',
        allowCredentials: [],
      }
    },

    async signIn({ credential, browserHash, client }: PasskeySignIn): Promise<IssuedTokens> {
      const purpose = { ceremony: 'sign_in', userId: null, browserHash } as const
      const checked = await provePasskey.check(credential, purpose)
      if ('refusal' in checked) return refuse(checked.refusal, checked.userId, client)
      const outcome = await open(checked.proof, client)
      if (typeof outcome === 'string') return refuse(outcome, checked.proof.passkey.user_id, client)
      return outcome
    },
  }
}
