import type { passkeyAssertion, passkeyRegistration } from '@outcry/contract/passkeys'
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server'
import { decodeAttestationObject } from '@simplewebauthn/server/helpers'
import type { Static } from 'typebox'
import { decodeBase64Url } from '../../../platform/crypto/base64url.ts'
import { isFromTopPage } from './client-data.ts'
import { algorithmOf, algorithms } from './cose-key.ts'
import type { PasskeyRow } from './passkey.table.ts'

/** Longest credential id in bytes; WebAuthn Level 3, section 4. */
const CREDENTIAL_ID_MAX = 1_023

export type RegistrationAnswer = Static<typeof passkeyRegistration>
export type AssertionAnswer = Static<typeof passkeyAssertion>

/** What an authenticator has made, verified. */
export type MadePasskey = Pick<
  PasskeyRow,
  'credential_id' | 'public_key' | 'algorithm' | 'sign_count' | 'is_backed_up'
>

/** What a verified answer of a passkey tells. */
export interface PasskeyUse {
  readonly signCount: number
  /** Whether it may be synchronised between devices, so that its key is not bound to one piece of hardware. */
  readonly isSynced: boolean
  readonly isBackedUp: boolean
}

/** Us, as authenticators know us. Each method answers `undefined` for whatever is not genuine, and never throws. */
export interface RelyingParty {
  readonly id: string
  readonly name: string
  verifyRegistration(answer: RegistrationAnswer, challenge: string): Promise<MadePasskey | undefined>
  /** The counter is for the caller to compare: only a genuine answer may say that a passkey was copied. */
  verifyAssertion(
    answer: AssertionAnswer,
    challenge: string,
    passkey: PasskeyRow,
  ): Promise<PasskeyUse | undefined>
}

/** The id of a member as authenticators keep it: its 16 bytes. */
export const userHandleOf = (userId: string): Buffer => Buffer.from(userId.replaceAll('-', ''), 'hex')

/** The bytes of a credential id in its one spelling; `undefined` for other text and for ids that are too long. */
export function credentialIdOf({ id, rawId }: { id: string; rawId: string }): Buffer | undefined {
  const bytes = id === rawId ? decodeBase64Url(id) : undefined
  return bytes && bytes.length <= CREDENTIAL_ID_MAX ? bytes : undefined
}

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

async function genuine<T>(verify: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await verify()
  } catch {
    // Note: the library throws for everything that is wrong with an answer, and its messages quote it.
    return undefined
  }
}

interface Expected {
  readonly expectedOrigin: string
  readonly expectedRPID: string
  readonly expectedChallenge: string
  readonly requireUserVerification: true
}

const plain = { type: 'public-key', clientExtensionResults: {} } as const

async function verifiedRegistration(
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

async function verifiedAssertion(
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

/** The relying party of a site: its host name is the id, its origin the only one that answers may come from. */
export function createRelyingParty({ publicUrl, name }: { publicUrl: URL; name: string }): RelyingParty {
  const { hostname: id, origin } = publicUrl
  const expected = (challenge: string): Expected => ({
    expectedOrigin: origin,
    expectedRPID: id,
    expectedChallenge: challenge,
    requireUserVerification: true,
  })
  return {
    id,
    name,
    verifyRegistration: (answer, challenge) =>
      genuine(() => verifiedRegistration(answer, expected(challenge))),
    verifyAssertion: (answer, challenge, passkey) =>
      genuine(() => verifiedAssertion(answer, passkey, expected(challenge))),
  }
}
