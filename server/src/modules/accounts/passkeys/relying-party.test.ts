import { randomBytes, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Algorithm, softwareAuthenticator } from '../../../testing/software-authenticator.ts'
import type { PasskeyRow } from './passkey.table.ts'
import {
  type AssertionAnswer,
  createRelyingParty,
  type RegistrationAnswer,
  userHandleOf,
} from './relying-party.ts'

const publicUrl = new URL('https://outcry.example')
const relyingParty = createRelyingParty({ publicUrl, name: 'Outcry' })
const challenge = randomBytes(32).toString('base64url')
const userId = randomUUID()
const ceremony = { challenge, user: { id: userHandleOf(userId).toString('base64url') } }
const bytesOf = (text: string) => Buffer.from(text, 'base64url')
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')

function made(algorithm: Algorithm) {
  const authenticator = softwareAuthenticator({
    algorithm,
    origin: publicUrl.origin,
    rpId: publicUrl.hostname,
  })
  const registration = authenticator.create(ceremony)
  const { clientDataJSON, attestationObject } = registration.response
  const answer: RegistrationAnswer = {
    id: registration.id,
    rawId: registration.id,
    type: 'public-key',
    response: { clientDataJSON: String(clientDataJSON), attestationObject: String(attestationObject) },
  }
  return { authenticator, answer }
}

async function registered(algorithm: Algorithm) {
  const { authenticator, answer } = made(algorithm)
  const columns = await relyingParty.verifyRegistration(answer, challenge)
  if (!columns) throw new Error('The honest registration was refused.')
  const now = new Date()
  const passkey: PasskeyRow = {
    ...columns,
    id: randomUUID(),
    user_id: userId,
    created_at: now,
    updated_at: now,
    name: 'Key',
    transports: [],
    last_used_at: null,
    flagged_at: null,
  }
  const { id, response } = authenticator.get(ceremony)
  const assertion: AssertionAnswer = {
    id,
    rawId: id,
    type: 'public-key',
    response: {
      clientDataJSON: String(response.clientDataJSON),
      authenticatorData: String(response.authenticatorData),
      signature: String(response.signature),
      userHandle: String(response.userHandle),
    },
  }
  return { passkey, assertion }
}

/** Where the two numbers of an ECDSA signature are; what is around them says nothing that is signed (RFC 3279, 2.2.3). */
function isNumber(signature: Buffer, at: number): boolean {
  const rLength = signature[3] ?? 0
  return at >= 4 && at !== 4 + rLength && at !== 5 + rLength
}

describe('an assertion', () => {
  it.each(['EdDSA', 'ES256', 'RS256'] as const)(
    'of %s is refused with any bit of it changed',
    async (algorithm) => {
      const { passkey, assertion } = await registered(algorithm)
      expect(await relyingParty.verifyAssertion(assertion, challenge, passkey)).toMatchObject({
        signCount: 1,
      })
      for (const field of ['clientDataJSON', 'authenticatorData', 'signature', 'userHandle'] as const) {
        const bytes = bytesOf(assertion.response[field] ?? '')
        for (let bit = 0; bit < bytes.length * 8; bit++) {
          if (field === 'signature' && algorithm === 'ES256' && !isNumber(bytes, bit >> 3)) continue
          const changed = Buffer.from(bytes)
          changed[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
          const response = { ...assertion.response, [field]: textOf(changed) }
          const use = await relyingParty.verifyAssertion({ ...assertion, response }, challenge, passkey)
          expect({ field, bit, use }).toEqual({ field, bit, use: undefined })
        }
      }
    },
  )

  it('is refused cut anywhere', async () => {
    const { passkey, assertion } = await registered('ES256')
    for (const field of ['clientDataJSON', 'authenticatorData', 'signature', 'userHandle'] as const) {
      const bytes = bytesOf(assertion.response[field] ?? '')
      for (let length = 0; length < bytes.length; length++) {
        const response = { ...assertion.response, [field]: textOf(bytes.subarray(0, length)) }
        expect(
          await relyingParty.verifyAssertion({ ...assertion, response }, challenge, passkey),
        ).toBeUndefined()
      }
    }
  })
})

describe('a registration', () => {
  it('is refused cut anywhere', async () => {
    const { answer } = made('EdDSA')
    const bytes = bytesOf(answer.response.attestationObject)
    for (let length = 0; length < bytes.length; length++) {
      const response = { ...answer.response, attestationObject: textOf(bytes.subarray(0, length)) }
      expect(await relyingParty.verifyRegistration({ ...answer, response }, challenge)).toBeUndefined()
    }
  })

  it('of any bytes at all is refused without an exception', async () => {
    const { answer } = made('EdDSA')
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const response = { ...answer.response, attestationObject: textOf(bytes) }
        expect(await relyingParty.verifyRegistration({ ...answer, response }, challenge)).toBeUndefined()
      }),
      { numRuns: 500 },
    )
  })

  it('with any byte changed is refused, or is of the very same credential', async () => {
    const { answer } = made('ES256')
    const bytes = bytesOf(answer.response.attestationObject)
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at] = (bytes[at] ?? 0) ^ 0x55
      const response = { ...answer.response, attestationObject: textOf(changed) }
      const columns = await relyingParty.verifyRegistration({ ...answer, response }, challenge)
      if (columns) expect(textOf(columns.credential_id)).toBe(answer.id)
    }
  })
})
