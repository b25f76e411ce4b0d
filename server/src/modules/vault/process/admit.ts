import type { AuditEntry } from '../../../platform/audit/audit.ts'
import type { AuditGroup } from '../../../platform/audit/audit-group.ts'
import { findNewestPair } from '../../../platform/audit/pair-history.ts'
import type { Clock } from '../../../platform/clock.ts'
import { isUuid } from '../../../platform/crypto/uuid.ts'
import { InvalidValueError, type Tx } from '../../../platform/db/index.ts'
import type { Logger } from '../../../platform/log/logger.ts'
import { isUsable } from '../credentials/is-usable.ts'
import { isBrokerTarget, isReading } from '../protocol/broker-target.ts'
import type { Grant, UseClaims, VaultFault } from '../protocol/protocol.ts'
import { useOfNothing, useRefused, useStarted } from '../protocol/use-entries.ts'
import type { CredentialProvider } from '../provider.ts'
import { findStoredKey, type StoredKey } from './stored-key.store.ts'
import { VaultRefusal } from './vault-refusal.ts'

/** A stored key that may be used now, and whose it is at which broker. */
export interface Admitted {
  readonly key: StoredKey
  readonly provider: CredentialProvider
  /** Whether the log tells of this pair as the last one: a whole row of before, put back, would open like any other (C57). */
  readonly isNewest: boolean
}

/** A use as its grant allows it, and until when. */
export type GrantedUse = UseClaims & Pick<Grant, 'expiresAt'>

/** What a use has come to, in the log and for whoever asked. */
type Verdict =
  | { readonly entry: AuditEntry; readonly admitted: Admitted }
  | { readonly entry: AuditEntry; readonly fault: VaultFault }

/** Decides about uses by what is stored, not by what the server believed. */
export interface Admit {
  /**
   * Logs that a use begins and lets it in, by what is stored when the entry is written, however long that took: a change
   * of the key stands in the log before it or after it as it happened. Throws the `VaultRefusal` otherwise.
   */
  begin(claims: GrantedUse): Promise<Admitted>
}

interface AdmitParts {
  readonly clock: Clock
  readonly providers: readonly CredentialProvider[]
  readonly group: AuditGroup
  readonly log: Logger
}

/** What keeps a key from being used; nothing when it may be. */
function hindrance(key: StoredKey, claims: GrantedUse, now: Date): VaultFault | undefined {
  if (claims.expiresAt <= now.getTime()) return 'grant_refused'
  if (!isUsable(key, now)) return 'inactive'
  const mayGo = isReading(claims.method) || key.environment !== 'live' || key.is_trading_enabled
  return mayGo ? undefined : 'trading_not_enabled'
}

/** Opens nothing. */
export function createAdmit({ clock, providers, group, log }: AdmitParts): Admit {
  const judge = (claims: GrantedUse, key: StoredKey | undefined, newest: number | undefined): Verdict => {
    if (key === undefined) return { entry: useOfNothing(claims), fault: 'not_found' }
    const fault = hindrance(key, claims, clock.now())
    if (fault !== undefined) return { entry: useRefused(claims, fault), fault }
    const provider = providers.find(({ type }) => type === key.credential_type)
    const isNewest = key.key_version === newest
    if (provider !== undefined) return { entry: useStarted(claims), admitted: { key, provider, isNewest } }
    const { id: credential } = key
    log.warn({ credential, reason: 'type_unknown' }, 'A stored broker key is of a type that is not known.')
    return { entry: useRefused(claims, 'type_unknown'), fault: 'unreadable' }
  }
  const idsOf = ({ owner, credential }: GrantedUse) => ({ id: credential, user_id: owner })
  const decide = (claims: GrantedUse) => async (tx: Tx) => {
    // Note: as the member, so that row security also stands between a wrong owner and the key.
    const [key, newest] = await Promise.all([
      findStoredKey(tx.asMember(claims.owner), idsOf(claims)),
      findNewestPair(tx, claims.credential),
    ])
    const verdict = judge(claims, key, newest)
    return { entry: verdict.entry, value: verdict }
  }
  return {
    async begin(claims) {
      if (!isBrokerTarget(claims)) throw new VaultRefusal('bad_request')
      // Note: the log knows ids by their letters, and columns of UUIDs take those of another case for the same.
      if (!isUuid(claims.credential)) throw new VaultRefusal('not_found')
      const verdict = await group.appendDecided(decide(claims)).catch((error: unknown) => {
        throw error instanceof InvalidValueError ? error : new VaultRefusal('unaudited', error)
      })
      if ('admitted' in verdict) return verdict.admitted
      throw new VaultRefusal(verdict.fault)
    },
  }
}
