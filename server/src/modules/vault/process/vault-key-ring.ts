import type { Clock } from '../../../platform/clock.ts'
import type { KeyRingKind, KeySet, SecretKey, SigningKey } from '../../../platform/crypto/key-ring.ts'
import { readKeyRingFile } from '../../../platform/crypto/key-ring-file.ts'
import { startKeyRing } from '../../../platform/crypto/live-key-ring.ts'
import type { Db } from '../../../platform/db/index.ts'
import { proveKeyRing } from '../../../platform/state/key-proof.ts'
import { readState } from '../../../platform/state/state.ts'

/** Every long-lived secret of the vault. Lives in a file of its own that only the vault process and the operator read. */
export interface VaultKeyRing {
  /** Derives the keys that wrap the data key of every broker key and secret. */
  readonly credentialEncryption: KeySet<SecretKey>
  /** Tells that a pair is stored already, without opening one. Never rotated: fingerprints would no longer compare. */
  readonly credentialFingerprint: KeySet<SecretKey>
  /** Signs checkpoints of the audit log. */
  readonly auditSigning: KeySet<SigningKey>
}

/** A purpose of the vault's keys, as the file spells it. */
type VaultKeyPurpose = 'credential_encryption' | 'credential_fingerprint' | 'audit_signing'

/** The ring in OUTCRY_VAULT_KEYS_FILE. */
export const vaultKeyRing: KeyRingKind<VaultKeyPurpose, VaultKeyRing> = {
  format: 'vault-key-ring',
  title: 'vault key ring',
  purposes: ['credential_encryption', 'credential_fingerprint', 'audit_signing'],
  sealingPurpose: 'credential_encryption',
  sealing: (ring) => ring.credentialEncryption,
  sets: (ring) => ({ ...ring }),
  assemble: ({ secret, signing }) => ({
    credentialEncryption: secret('credential_encryption'),
    credentialFingerprint: secret('credential_fingerprint'),
    auditSigning: signing('audit_signing'),
  }),
}

/** Reads the vault's ring; throws `KeyRingError` with one plain sentence when it is not one to be trusted. */
export function readVaultKeyRing(path: string): Promise<VaultKeyRing> {
  return readKeyRingFile(vaultKeyRing, path)
}

/** What the vault's keys are prepared with; the database is migrated. */
interface VaultKeyOptions {
  readonly path: string
  readonly db: Db
  readonly clock: Clock
  /** Told when the file was replaced by one that cannot be used. */
  readonly onProblem?: (error: Error) => void
}

/**
 * The ring this database's broker keys are sealed with: made at the first start of a vault on it, read and proven ever
 * after. A key that a rotation adds is used at once. Throws `KeyRingError` with one plain sentence and changes nothing when
 * the file is missing then, or another's.
 */
export async function prepareVaultKeys(options: VaultKeyOptions): Promise<VaultKeyRing> {
  const { path, db, clock, onProblem } = options
  const isFirstStart = (await readState(db, 'vault_key_check')) === undefined
  const live = await startKeyRing(vaultKeyRing, path, { isFirstStart, clock })
  const { ring } = live
  if (onProblem) live.onProblem(onProblem)
  await proveKeyRing(vaultKeyRing, ring, { db, clock, name: 'vault_key_check' })
  return ring
}
