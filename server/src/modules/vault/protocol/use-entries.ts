import type { AuditEntry } from '../../../platform/audit/audit.ts'
import type { UseClaims } from './protocol.ts'

const PATH_MAX = 512

/** The action of an entry that a key is about to be opened. */
export const USED = 'credential.used'
/** The action of the entry that says what came of it: of the same request, about the same credential. */
export const USE_ENDED = 'credential.use_ended'

/** A use, with the host when that is another one than the key's own. */
type LoggedUse = UseClaims & { readonly host?: string }

function entryOf({ owner, credential, purpose, method, path, host, actor }: LoggedUse) {
  const { sessionId, tokenId, address, requestId } = actor
  return {
    actorId: owner,
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(address === undefined ? {} : { address }),
    ...(requestId === undefined ? {} : { requestId }),
    objectType: 'credential',
    objectId: credential,
    details: {
      purpose,
      method,
      path: path.slice(0, PATH_MAX),
      ...(host === undefined ? {} : { host }),
      ...(tokenId === undefined ? {} : { token_id: tokenId }),
    },
  }
}

/** A key is about to be opened. */
export function useStarted(claims: LoggedUse): AuditEntry {
  return { ...entryOf(claims), action: USED, result: 'ok' }
}

/** What came of it. */
export function useEnded(claims: LoggedUse, outcome: string): AuditEntry {
  const entry = entryOf(claims)
  const result = outcome === 'ok' ? 'ok' : 'failed'
  return { ...entry, action: USE_ENDED, result, details: { ...entry.details, outcome } }
}

/** A use that the vault did not allow, and why. */
export function useRefused(claims: UseClaims, reason: string): AuditEntry {
  const entry = entryOf(claims)
  return { ...entry, action: 'credential.refused', result: 'refused', details: { ...entry.details, reason } }
}

/** A use of what the member does not have. It is no event of that credential, which may be somebody else's. */
export function useOfNothing(claims: UseClaims): AuditEntry {
  const { objectType, objectId, ...entry } = useRefused(claims, 'not_found')
  return { ...entry, details: { ...entry.details, [objectType ?? 'object']: objectId ?? null } }
}
