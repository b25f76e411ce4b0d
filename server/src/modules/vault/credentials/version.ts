import type { CredentialRow } from '../credential.table.ts'
import { vaultErrors } from '../vault.errors.ts'

/** Which version a client has seen: says whether a row is still at it. */
export type SeenVersion = (version: number) => boolean

/** Throws `vault.version_stale` when a client has seen another version. */
export function assertSeen(seen: SeenVersion, { version }: Pick<CredentialRow, 'version'>): void {
  if (!seen(version)) throw vaultErrors.versionStale()
}
