import { createHash, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto'
import { verifyRegistrationResponse } from '@simplewebauthn/server'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Algorithm, softwareAuthenticator } from '../../../testing/software-authenticator.ts'
import type { PasskeyRow } from './passkey.table.ts'
import { type AssertionAnswer, type RegistrationAnswer, userHandleOf } from './passkey-answer.ts'
import { createRelyingParty } from './relying-party.ts'

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

/** One value in DER; ITU-T X.690. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

/** The certificate of an authenticator's maker, as `packed` wants it (WebAuthn Level 3, 8.2.1), with its key. */
function attestationCertificate() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const hex = (text: string) => Buffer.from(text, 'hex')
  const name = (oid: string, tag: number, value: string) =>
    der(0x31, der(0x30, der(0x06, hex(oid)), der(tag, Buffer.from(value))))
  const subject = der(
    0x30,
    name('550406', 0x13, 'XX'),
    name('55040a', 0x0c, 'Maker'),
    name('55040b', 0x0c, 'Authenticator Attestation'),
    name('550403', 0x0c, 'Key'),
  )
  const ecdsa = der(0x30, der(0x06, hex('2a8648ce3d040302')))
  const isNoAuthority = der(0x30, der(0x06, hex('551d13')), der(0x04, der(0x30)))
  const valid = ['20200101000000Z', '20990101000000Z'].map((at) => der(0x18, Buffer.from(at)))
  const certificate = der(
    0x30,
    der(
      0x30,
      der(0xa0, der(0x02, hex('02'))),
      der(0x02, hex('01')),
      ecdsa,
      subject,
      der(0x30, ...valid),
      subject,
      publicKey.export({ type: 'spki', format: 'der' }),
      der(0xa3, der(0x30, isNoAuthority)),
    ),
    ecdsa,
    der(0x03, hex('00'), randomBytes(70)),
  )
  return { certificate, privateKey }
}

describe('a registration', () => {
  it('that a certificate vouches for is refused, however genuine', async () => {
    const authenticator = softwareAuthenticator({ origin: publicUrl.origin, rpId: publicUrl.hostname })
    const { certificate, privateKey } = attestationCertificate()
    const plain = authenticator.create(ceremony).response
    const clientDataHash = createHash('sha256')
      .update(bytesOf(String(plain.clientDataJSON)))
      .digest()
    const signed = Buffer.concat([bytesOf(String(plain.authenticatorData)), clientDataHash])
    const attStmt = [
      ['alg', -7],
      ['sig', sign('sha256', signed, privateKey)],
      ['x5c', { list: [certificate] }],
    ] as const
    const { id, response } = authenticator.create(ceremony, { attestation: { fmt: 'packed', attStmt } })
    const { clientDataJSON, attestationObject } = response
    const answer = {
      id,
      rawId: id,
      type: 'public-key' as const,
      clientExtensionResults: {},
      response: { clientDataJSON: String(clientDataJSON), attestationObject: String(attestationObject) },
    }
    const { verified } = await verifyRegistrationResponse({
      response: answer,
      expectedChallenge: challenge,
      expectedOrigin: publicUrl.origin,
      supportedAlgorithmIDs: [-7],
    })
    expect(verified).toBe(true)
    expect(await relyingParty.verifyRegistration(answer, challenge)).toBeUndefined()
  })

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
