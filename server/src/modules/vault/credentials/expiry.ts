import { vaultErrors } from '../vault.errors.ts'

/** Throws `vault.expiry_invalid` unless the moment lies in the future; `null` is never. */
export function assertExpiry(expiresAt: Date | null, now: Date): void {
  if (expiresAt === null || expiresAt > now) return
  const errors = [{ path: 'body.expires_at', message: 'must be in the future' }]
  throw vaultErrors.expiryInvalid({}, { errors })
}

/** Whether the second expiry lets a credential be used longer than the first. */
export function isLater(from: Date | null, to: Date | null): boolean {
  return from !== null && (to === null || to > from)
}
