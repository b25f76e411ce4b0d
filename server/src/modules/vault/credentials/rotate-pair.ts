import type { Outcome } from '@outcry/contract/vault'
import { findNewestPair } from '../../../platform/audit/pair-history.ts'
import type { Db, Patch, Tx } from '../../../platform/db/index.ts'
import { MINUTE, SECOND } from '../../../platform/durations.ts'
import type { Acting, VaultWork } from '../acting.ts'
import type { CredentialRow, userCredentials } from '../credential.table.ts'
import { isAccepted, type KeyPair } from '../provider.ts'
import { vaultErrors } from '../vault.errors.ts'
import { findCredential } from './credential.store.ts'
import { calledAs } from './nickname.ts'
import type { ProvenPair, ProvePair } from './prove-pair.ts'
import type { ProviderRegistry } from './providers.ts'

/** A new pair, and the row that it was sealed for. */
export interface Rotation {
  readonly of: CredentialRow
  /** The version that it was sealed as. */
  readonly keyVersion: number
  readonly proven: ProvenPair
}

/** What new pairs are proven with. */
export interface RotatePairParts {
  readonly db: Db
  readonly providers: ProviderRegistry
  readonly provePair: ProvePair
  readonly work: VaultWork
}

interface WantedPair {
  readonly id: string
  readonly pair: KeyPair
  /** Throws when the owner may not have this row's pair replaced; asked before the broker is. */
  assertMay(row: CredentialRow): void
}

/** What a row becomes with the new pair. */
export function rotationPatch(
  { keyVersion, proven: { sealed, outcome } }: Rotation,
  now: Date,
): Patch<typeof userCredentials> {
  return {
    api_key: sealed.apiKey,
    secret_key: sealed.secretKey,
    fingerprint: sealed.fingerprint,
    key_hint: sealed.keyHint,
    key_version: keyVersion,
    last_validated_at: now,
    last_validation: outcome ?? null,
    rejections: 0,
  }
}

/** That a pair could not be tried says nothing of it; a minute is a guess, for want of anything told. */
function notProven(outcome: Outcome | undefined) {
  const later = { headers: { 'retry-after': `${MINUTE / SECOND}` } }
  return outcome === 'rate_limited'
    ? vaultErrors.brokerRateLimited({}, later)
    : vaultErrors.brokerUnreachable({}, later)
}

/** What stands before and after the write that puts a new pair in the place of an old one. */
export function createRotatePair({ db, providers, provePair, work }: RotatePairParts) {
  return {
    /**
     * Has a new pair tried and sealed for the next version of a row. Throws `vault.credential_not_found`, `vault.key_refused`,
     * `vault.broker_unreachable`, `vault.broker_rate_limited` and `vault.unavailable`.
     */
    async prove(by: Acting, { id, pair, assertMay }: WantedPair): Promise<Rotation> {
      const of = await findCredential(db.asMember(by.userId), { id, userId: by.userId })
      if (!of) throw vaultErrors.credentialNotFound()
      assertMay(of)
      // Note: by the log as well, for a row of before that was put back must not have the version of a pair given twice (C57).
      const newest = await findNewestPair(db.asSystem(), id)
      if (newest === undefined) throw vaultErrors.credentialNotFound()
      const keyVersion = Math.max(of.key_version, newest) + 1
      const proven = await provePair(by, {
        credentialId: id,
        provider: providers.get(of.credential_type),
        keyVersion,
        pair,
        validate: true,
      })
      if (!isAccepted(proven.outcome)) throw notProven(proven.outcome)
      return { of, keyVersion, proven }
    },

    /** Tells an owner whose live key was replaced. */
    async tell(tx: Tx, by: Acting, { of, proven }: Rotation): Promise<void> {
      if (of.environment !== 'live') return
      const detail = `${calledAs(of)}; the new key ends in ${proven.sealed.keyHint}.`
      await work.tellOfLiveKey(tx, by, { kind: 'liveKeyReplaced', detail })
    },
  }
}
