import { type Db, isUniqueViolation } from '../../../platform/db/index.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { askedBySelf } from '../asking.ts'
import type { ClientFacts } from '../client-facts.ts'
import type { SessionOf } from '../sessions/signed-in-users.ts'
import { findUser } from '../users/user.store.ts'
import { algorithms } from './algorithms.ts'
import { challengeOf } from './client-data.ts'
import { assertRoom, createKeepPasskey, type KeepPasskeyOptions, type NewPasskey } from './keep-passkey.ts'
import { listPasskeysOf } from './passkey.store.ts'
import type { PasskeyRow } from './passkey.table.ts'
import { userHandleOf } from './passkey-answer.ts'
import { CHALLENGE_TTL_MS, type PasskeyChallenges } from './passkey-challenges.ts'
import type { RelyingParty } from './relying-party.ts'

export interface AddPasskeyOptions extends KeepPasskeyOptions {
  readonly db: Db
  readonly challenges: PasskeyChallenges
  readonly relyingParty: RelyingParty
}

/** Why a passkey was refused; for the audit log, never for the one who asked. */
type Refusal = 'challenge' | 'invalid' | 'superseded' | 'taken'

/** Adding a passkey, in two steps: options with a challenge, then what the authenticator made of them. */
export function createAddPasskey(options: AddPasskeyOptions) {
  const { db, audit, challenges, relyingParty } = options
  const keepPasskey = createKeepPasskey(options)

  const refuse = async (actor: SessionOf, reason: Refusal, client: ClientFacts): Promise<never> => {
    await db.withSystem((tx) =>
      audit.record(tx, {
        action: 'passkey.added',
        result: 'refused',
        ...askedBySelf({ actor, client }),
        details: { reason },
      }),
    )
    throw accountsErrors.passkeyRefused()
  }

  return {
    /** What the browser needs to make a passkey. Throws `accounts.too_many_passkeys`. */
    begin({ userId }: SessionOf, browserHash: Uint8Array | undefined) {
      return db.withSystem(async (tx) => {
        const user = await findUser(tx, userId)
        if (!user) throw accountsErrors.userNotFound()
        const own = await listPasskeysOf(tx, userId)
        assertRoom(own)
        return {
          challenge: await challenges.give(tx, { ceremony: 'register', userId, browserHash }),
          rp: { id: relyingParty.id, name: relyingParty.name },
          user: {
            id: userHandleOf(userId).toString('base64url'),
            name: user.username,
            displayName: user.display_name ?? user.username,
          },
          pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key' as const, alg })),
          timeout: CHALLENGE_TTL_MS,
          attestation: 'none',
          authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
          excludeCredentials: own.map(({ credential_id, transports }) => ({
            id: Buffer.from(credential_id).toString('base64url'),
            type: 'public-key' as const,
            transports,
          })),
        }
      })
    },

    /**
     * Keeps a passkey that was made with these options, and ends every other session (C34). The challenge is spent before
     * anything is verified. Throws `accounts.passkey_refused` for whatever is wrong with it, the same for a credential
     * that somebody has already, and `accounts.too_many_passkeys`.
     */
    async add(actor: SessionOf, asked: NewPasskey): Promise<PasskeyRow> {
      const { credential, browserHash, client } = asked
      const challenge = challengeOf(credential.response.clientDataJSON)
      const purpose = { ceremony: 'register', userId: actor.userId, browserHash } as const
      const isAsked =
        challenge !== undefined && (await db.withSystem((tx) => challenges.take(tx, challenge, purpose)))
      if (!isAsked) return refuse(actor, 'challenge', client)
      const made = await relyingParty.verifyRegistration(credential, challenge)
      if (!made) return refuse(actor, 'invalid', client)
      try {
        const passkey = await db.withSystem((tx) => keepPasskey(tx, actor, { ...asked, ...made }))
        if (passkey) return passkey
      } catch (error) {
        if (!isUniqueViolation(error, 'credential_id')) throw error
        return refuse(actor, 'taken', client)
      }
      return refuse(actor, 'superseded', client)
    },
  }
}
