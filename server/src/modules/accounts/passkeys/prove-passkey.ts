import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Db, Tx } from '../../../platform/db/index.ts'
import { aboutUser, askedFrom } from '../accounts.audit.ts'
import type { ClientFacts } from '../client-facts.ts'
import type { Notify } from '../notices.ts'
import type { UserRow } from '../users/user.table.ts'
import { challengeOf } from './client-data.ts'
import { findPasskeyByCredential, flagPasskey, recordPasskeyUse } from './passkey.store.ts'
import type { PasskeyRow } from './passkey.table.ts'
import { type AssertionAnswer, credentialIdOf, type PasskeyUse } from './passkey-answer.ts'
import type { ChallengePurpose, PasskeyChallenges } from './passkey-challenges.ts'
import type { RelyingParty } from './relying-party.ts'

/** Why an answer was refused; for the audit log, never for the one who asked. */
export type PasskeyRefusal = 'challenge' | 'unknown' | 'flagged' | 'invalid' | 'copied' | 'gone'

/** A genuine answer of a passkey, which is still to be spent. */
export interface PasskeyProof {
  readonly passkey: PasskeyRow
  readonly use: PasskeyUse
}

/** A genuine answer, or why it is none and whose passkey it named. */
export type CheckedPasskey =
  | { readonly proof: PasskeyProof }
  | { readonly refusal: PasskeyRefusal; readonly userId: string | undefined }

/** Proving who one is with a passkey, in two halves, because verifying has no place inside a transaction. */
export interface ProvePasskey {
  /** Spends the challenge, then verifies. To be followed by `spend` before anything is believed. */
  check(answer: AssertionAnswer, purpose: ChallengePurpose): Promise<CheckedPasskey>
  /**
   * Notes the use of a passkey, in the transaction of what it proves, which has locked its owner; says why not when it is
   * gone, flagged or seems to be copied. A copied one is flagged, its owner told: let the transaction commit.
   */
  spend(
    tx: Tx,
    owner: UserRow,
    used: { proof: PasskeyProof; client: ClientFacts },
  ): Promise<PasskeyRefusal | undefined>
}

export interface ProvePasskeyOptions {
  readonly db: Db
  readonly clock: Clock
  readonly audit: Audit
  readonly notify: Notify
  readonly challenges: PasskeyChallenges
  readonly relyingParty: RelyingParty
}

/** A counter that does not grow tells of a copy, unless it is never used (WebAuthn Level 3, sections 6.1.1 and 7.2). */
const hasGoneBack = (before: number, now: number): boolean => (before > 0 || now > 0) && now <= before

export function createProvePasskey(options: ProvePasskeyOptions): ProvePasskey {
  const { db, clock, audit, notify, challenges, relyingParty } = options

  const takeAndFind = async (tx: Tx, answer: AssertionAnswer, purpose: ChallengePurpose) => {
    const challenge = challengeOf(answer.response.clientDataJSON)
    if (challenge === undefined || !(await challenges.take(tx, challenge, purpose))) return undefined
    const credentialId = credentialIdOf(answer)
    const passkey = credentialId && (await findPasskeyByCredential(tx, credentialId))
    const isTheirs = purpose.userId === null || passkey?.user_id === purpose.userId
    return { challenge, passkey: isTheirs ? passkey : undefined }
  }

  return {
    async check(answer, purpose) {
      const asked = await db.withSystem((tx) => takeAndFind(tx, answer, purpose))
      if (!asked) return { refusal: 'challenge', userId: undefined }
      const { challenge, passkey } = asked
      if (!passkey) return { refusal: 'unknown', userId: undefined }
      const userId = passkey.user_id
      if (passkey.flagged_at !== null) return { refusal: 'flagged', userId }
      const use = await relyingParty.verifyAssertion(answer, challenge, passkey)
      return use ? { proof: { passkey, use } } : { refusal: 'invalid', userId }
    },

    async spend(tx, owner, { proof: { passkey, use }, client }) {
      const now = clock.now()
      const current = await findPasskeyByCredential(tx, passkey.credential_id)
      if (current?.id !== passkey.id || current.flagged_at !== null) return 'gone'
      if (!hasGoneBack(current.sign_count, use.signCount)) {
        const noted = {
          sign_count: use.signCount,
          is_backed_up: use.isBackedUp,
          last_used_at: now,
          updated_at: now,
        }
        return (await recordPasskeyUse(tx, current, noted)) ? undefined : 'gone'
      }
      await flagPasskey(tx, passkey.id, now)
      await notify(tx, owner, { kind: 'passkeyCopied', facts: client })
      await audit.record(tx, {
        action: 'passkey.flagged',
        result: 'ok',
        ...aboutUser(owner.id),
        ...askedFrom(client),
        details: { passkey: passkey.id, stored: current.sign_count, sent: use.signCount },
      })
      return 'copied'
    },
  }
}
