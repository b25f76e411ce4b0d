import type { passkeyAssertion, passkeyRegistration } from '@outcry/contract/passkeys'
import type { Static } from 'typebox'
import { decodeBase64Url } from '../../../platform/crypto/base64url.ts'
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

/** The id of a member as authenticators keep it: its 16 bytes. */
export const userHandleOf = (userId: string): Buffer => Buffer.from(userId.replaceAll('-', ''), 'hex')

/** The bytes of a credential id in its one spelling; `undefined` for other text and for ids that are too long. */
export function credentialIdOf({ id, rawId }: { id: string; rawId: string }): Buffer | undefined {
  const bytes = id === rawId ? decodeBase64Url(id) : undefined
  return bytes && bytes.length <= CREDENTIAL_ID_MAX ? bytes : undefined
}
