import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server'
import { decodeAttestationObject } from '@simplewebauthn/server/helpers'
import { decodeBase64Url } from '../../../platform/crypto/base64url.ts'
import { algorithms } from './algorithms.ts'
import { isFromTopPage } from './client-data.ts'
import { algorithmOf } from './cose-key.ts'
import type { PasskeyRow } from './passkey.table.ts'
import {
  type AssertionAnswer,
  credentialIdOf,
  type MadePasskey,
  type PasskeyUse,
  type RegistrationAnswer,
  userHandleOf,
} from './passkey-answer.ts'

/**
 * Whether an attestation can be verified with what it holds itself: none, or signed with the new key. We ask for none;
 * statements with certificates are refused unread, because checking them would fetch addresses that they name.
 */
function isSelfContained(attestationObject: string): boolean {
  const bytes = decodeBase64Url(attestationObject)
  if (!bytes) return false
  const attestation = decodeAttestationObject(new Uint8Array(bytes))
  const format = attestation.get('fmt')
  return format === 'none' || (format === 'packed' && attestation.get('attStmt').get('x5c') === undefined)
}

const isCanonical = (texts: readonly string[]): boolean =>
  texts.every((text) => decodeBase64Url(text) !== undefined)

/** What a genuine answer was made for. */
export interface Expected {
  readonly expectedOrigin: string
  readonly expectedRPID: string
  readonly expectedChallenge: string
  readonly requireUserVerification: true
}

const plain = { type: 'public-key', clientExtensionResults: {} } as const

/** What an authenticator has made; `undefined` when it is not genuine, and throws for what cannot be read. */
export async function verifiedRegistration(
  { id, rawId, response }: RegistrationAnswer,
  expected: Expected,
): Promise<MadePasskey | undefined> {
  const { clientDataJSON, attestationObject } = response
  const credentialId = credentialIdOf({ id, rawId })
  if (!credentialId || !isFromTopPage(clientDataJSON)) return undefined
  if (!isSelfContained(attestationObject)) return undefined
  const { registrationInfo } = await verifyRegistrationResponse({
    ...expected,
    response: { ...plain, id, rawId, response: { clientDataJSON, attestationObject } },
    supportedAlgorithmIDs: [...algorithms],
  })
  if (registrationInfo?.credential.id !== id) return undefined
  const { credential, credentialBackedUp } = registrationInfo
  const algorithm = algorithmOf(credential.publicKey)
  if (algorithm === undefined) return undefined
  return {
    credential_id: credentialId,
    public_key: credential.publicKey,
    algorithm,
    sign_count: credential.counter,
    is_backed_up: credentialBackedUp,
  }
}

/** The use of a passkey; `undefined` when it is not genuine, and throws for what cannot be read. */
export async function verifiedAssertion(
  { id, rawId, response }: AssertionAnswer,
  passkey: PasskeyRow,
  expected: Expected,
): Promise<PasskeyUse | undefined> {
  const { clientDataJSON, authenticatorData, signature, userHandle } = response
  if (!isFromTopPage(clientDataJSON) || !isCanonical([authenticatorData, signature])) return undefined
  const owner = decodeBase64Url(userHandle ?? '')
  if (!owner?.equals(userHandleOf(passkey.user_id))) return undefined
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    ...expected,
    response: { ...plain, id, rawId, response: { clientDataJSON, authenticatorData, signature } },
    // Note: with a counter of its own the library would refuse before it looks at the signature.
    credential: { id, publicKey: new Uint8Array(passkey.public_key), counter: 0 },
  })
  if (!verified) return undefined
  const { newCounter, credentialDeviceType, credentialBackedUp } = authenticationInfo
  return {
    signCount: newCounter,
    isSynced: credentialDeviceType === 'multiDevice',
    isBackedUp: credentialBackedUp,
  }
}
