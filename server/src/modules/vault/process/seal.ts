import type { KeySet, SecretKey } from '../../../platform/crypto/key-ring.ts'
import type { Sealer } from '../../../platform/crypto/sealed.ts'
import { type KeyBytes, readFrame, textsOf } from '../protocol/pair-frame.ts'
import type { SealAnswer, SealClaims } from '../protocol/protocol.ts'
import { type CredentialProvider, isRejected } from '../provider.ts'
import { fingerprintOf } from './fingerprint.ts'
import { keyBinding } from './key-binding.ts'
import type { Trial } from './trial.ts'
import { VaultRefusal } from './vault-refusal.ts'

const HINT_LENGTH = 4

interface SealParts {
  readonly providers: readonly CredentialProvider[]
  readonly sealer: Sealer
  readonly fingerprints: KeySet<SecretKey>
  readonly trial: Pick<Trial, 'judge'>
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

/** Tries new pairs at their broker and seals those that it does not refuse. */
export function createSeal({ providers, sealer, fingerprints, trial }: SealParts) {
  const sealed = (claims: SealClaims, { environment }: CredentialProvider, bytes: KeyBytes) => {
    const place = {
      id: claims.credential,
      user_id: claims.owner,
      credential_type: claims.type,
      environment,
      key_version: claims.keyVersion,
    }
    const { apiKey, secretKey } = bytes
    return {
      apiKey: base64(sealer.seal(keyBinding('api_key', place), apiKey)),
      secretKey: base64(sealer.seal(keyBinding('secret_key', place), secretKey)),
      fingerprint: base64(fingerprintOf(fingerprints, environment, bytes)),
      keyHint: textsOf({ apiKey: apiKey.subarray(-HINT_LENGTH), secretKey }).apiKey,
      environment,
    }
  }
  return async (claims: SealClaims, frame: Buffer): Promise<SealAnswer> => {
    const provider = providers.find(({ type }) => type === claims.type)
    const bytes = readFrame(frame)
    if (provider === undefined || bytes === undefined) throw new VaultRefusal('bad_request')
    if (!claims.validate) return { sealed: sealed(claims, provider, bytes) }
    const outcome = await trial.judge(provider, textsOf(bytes))
    return { outcome, ...(isRejected(outcome) ? {} : { sealed: sealed(claims, provider, bytes) }) }
  }
}
