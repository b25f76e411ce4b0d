import type { AuditEntry } from '../../../platform/audit/audit.ts'
import type { AuditGroup } from '../../../platform/audit/audit-group.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Db } from '../../../platform/db/index.ts'
import type { Logger } from '../../../platform/log/logger.ts'
import { isUsable } from '../credentials/expiry.ts'
import type { CredentialProvider } from '../provider.ts'
import { isBrokerTarget } from './broker-target.ts'
import type { Grant, UseClaims, VaultFault } from './protocol.ts'
import { findStoredKey, type StoredKey } from './stored-key.store.ts'
import { useOfNothing, useRefused } from './use-entries.ts'
import { VaultRefusal } from './vault-refusal.ts'

/** A stored key that may be used now, and whose it is at which broker. */
export interface Admitted {
  readonly key: StoredKey
  readonly provider: CredentialProvider
}

/** A use as its grant allows it, and until when. */
export type GrantedUse = UseClaims & Pick<Grant, 'expiresAt'>

/** Lets a use in by what is stored at this moment, or throws the `VaultRefusal` that keeps it out. */
export type Admit = (claims: GrantedUse) => Promise<Admitted>

interface AdmitParts {
  readonly db: Db
  readonly clock: Clock
  readonly providers: readonly CredentialProvider[]
  readonly group: AuditGroup
  readonly log: Logger
}

/** What keeps a key from being used; nothing when it may be. */
function hindrance(key: StoredKey, claims: GrantedUse, now: Date): VaultFault | undefined {
  if (claims.expiresAt <= now.getTime()) return 'grant_refused'
  if (!isUsable(key, now)) return 'inactive'
  const mayGo = isReading(claims) || key.environment !== 'live' || key.is_trading_enabled
  return mayGo ? undefined : 'trading_not_enabled'
}

/** These change nothing at a broker (RFC 9110, section 9.2.1). */
function isReading({ method }: UseClaims): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** Decides about uses by what is stored now, not by what the server believed. Opens nothing. */
export function createAdmit({ db, clock, providers, group, log }: AdmitParts): Admit {
  const refuse = (entry: AuditEntry, fault: VaultFault): never => {
    group.appendLater(entry)
    throw new VaultRefusal(fault)
  }
  return async (claims) => {
    if (!isBrokerTarget(claims)) throw new VaultRefusal('bad_request')
    const { owner, credential } = claims
    const key = await findStoredKey(db.asMember(owner), { id: credential, user_id: owner })
    if (key === undefined) return refuse(useOfNothing(claims), 'not_found')
    const fault = hindrance(key, claims, clock.now())
    if (fault !== undefined) return refuse(useRefused(claims, fault), fault)
    const provider = providers.find(({ type }) => type === key.credential_type)
    if (provider !== undefined) return { key, provider }
    log.warn({ credential, reason: 'type_unknown' }, 'A stored broker key is of a type that is not known.')
    return refuse(useRefused(claims, 'type_unknown'), 'unreadable')
  }
}
