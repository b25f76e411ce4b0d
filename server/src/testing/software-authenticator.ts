import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { type Cbor, encodeCbor } from './cbor.ts'

/** Authenticator data flags; WebAuthn Level 3, section 6.1. */
export const FLAGS = { UP: 0x01, UV: 0x04, BE: 0x08, BS: 0x10, AT: 0x40, ED: 0x80 } as const

/** How a test authenticator signs. */
export type Algorithm = 'EdDSA' | 'ES256' | 'RS256'

/** What the server asks for; more of it is ignored. */
export interface Ceremony {
  readonly challenge: string
  readonly [more: string]: unknown
}

/** Where an answer differs from what an honest browser and authenticator would send; everything else is genuine. */
export interface Falsified {
  /** Replaces fields of the client data before it is signed; `undefined` leaves a field out. */
  readonly clientData?: Readonly<Record<string, unknown>>
  readonly rpId?: string
  readonly flags?: number
  readonly counter?: number
  /** Changes the authenticator data before it is signed. */
  readonly authData?: (data: Buffer) => Buffer
  /** Changes the signature after it was made. */
  readonly signature?: (signature: Buffer) => Buffer
  /** Signs with another key than the credential's. */
  readonly signWith?: SoftwareAuthenticator
  /** Base64url; `undefined` leaves it out. */
  readonly userHandle?: string | undefined
  /** Replaces the COSE_Key. */
  readonly publicKey?: Cbor
  /** Replaces the credential id in the authenticator data, not the one beside it. */
  readonly credentialId?: Uint8Array
  /** Replaces the attestation statement. */
  readonly attestation?: { readonly fmt: string; readonly attStmt: Cbor }
  /** Replaces fields of the answer after all is signed. */
  readonly response?: Readonly<Record<string, unknown>>
}

/** An answer as `PublicKeyCredential.toJSON()` writes it. */
export interface CredentialAnswer {
  readonly id: string
  readonly rawId: string
  readonly type: 'public-key'
  readonly response: Readonly<Record<string, unknown>>
  readonly [more: string]: unknown
}

/** One credential in software, with the browser in front of it. It makes real attestations and assertions. */
export interface SoftwareAuthenticator {
  readonly credentialId: Buffer
  readonly privateKey: KeyObject
  /** What the next assertion says of its use; it grows by itself. Start at 0 and set `counts` to false for none at all. */
  counter: number
  /** Set by the first registration. */
  userHandle: string | undefined
  create(ceremony: Ceremony, falsified?: Falsified): CredentialAnswer
  get(ceremony: Ceremony, falsified?: Falsified): CredentialAnswer
}

export interface SoftwareAuthenticatorOptions {
  readonly algorithm?: Algorithm
  readonly origin?: string
  readonly rpId?: string
  /** Whether it counts its uses; synchronised passkeys do not. */
  readonly counts?: boolean
  /** Whether its passkeys are synchronised between devices. */
  readonly isSynced?: boolean
  readonly credentialId?: Buffer
}

const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest()
const base64url = (data: Uint8Array | string): string => Buffer.from(data).toString('base64url')
const bytesOf = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url')

function makeKeys(algorithm: Algorithm) {
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519')
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return generateKeyPairSync('rsa', { modulusLength: 2_048 })
}

/** The public half of a key as a COSE_Key; RFC 9052, section 7, and RFC 8230. */
export function coseKeyOf(publicKey: KeyObject, algorithm?: number): [number, number | Uint8Array][] {
  const jwk = publicKey.export({ format: 'jwk' })
  const x: [number, Uint8Array] = [-2, bytesOf(jwk.x)]
  const curves: Readonly<Record<string, number>> = { 'P-256': 1, 'P-384': 2, Ed25519: 6 }
  const curve = curves[jwk.crv ?? ''] ?? 0
  if (jwk.kty === 'OKP') return [[1, 1], [3, algorithm ?? -8], [-1, curve], x]
  if (jwk.kty === 'EC') return [[1, 2], [3, algorithm ?? -7], [-1, curve], x, [-3, bytesOf(jwk.y)]]
  return [
    [1, 3],
    [3, algorithm ?? -257],
    [-1, bytesOf(jwk.n)],
    [-2, bytesOf(jwk.e)],
  ]
}

function counterBytes(counter: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(counter)
  return bytes
}

function lengthOf(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return length
}

/** Makes an authenticator with one credential; ES256, counting its uses, bound to one device, unless told otherwise. */
export function softwareAuthenticator(options: SoftwareAuthenticatorOptions = {}): SoftwareAuthenticator {
  const { algorithm = 'ES256', origin = 'http://localhost:4000', rpId = 'localhost' } = options
  const { counts = true, isSynced = false, credentialId = randomBytes(32) } = options
  const { privateKey, publicKey } = makeKeys(algorithm)
  const digest = algorithm === 'EdDSA' ? null : 'sha256'
  const id = base64url(credentialId)

  const clientDataOf = (type: string, { challenge }: Ceremony, changes: Falsified['clientData']) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false, ...changes }))

  const authDataOf = (falsified: Falsified, attested: Buffer) => {
    const synced = isSynced ? FLAGS.BE | FLAGS.BS : 0
    const flags = FLAGS.UP | FLAGS.UV | synced | (attested.length > 0 ? FLAGS.AT : 0)
    const data = Buffer.concat([
      sha256(falsified.rpId ?? rpId),
      Buffer.from([falsified.flags ?? flags]),
      counterBytes(falsified.counter ?? authenticator.counter),
      attested,
    ])
    return falsified.authData?.(data) ?? data
  }

  const answer = (response: Readonly<Record<string, unknown>>, falsified: Falsified): CredentialAnswer => ({
    id,
    rawId: id,
    type: 'public-key',
    authenticatorAttachment: 'platform',
    clientExtensionResults: {},
    response: { ...response, ...falsified.response },
  })

  const authenticator: SoftwareAuthenticator = {
    credentialId,
    privateKey,
    counter: 0,
    userHandle: undefined,
    create(ceremony, falsified = {}) {
      const { user } = ceremony
      const isNamed = typeof user === 'object' && user !== null && 'id' in user
      if (isNamed) authenticator.userHandle = String(user.id)
      const clientData = clientDataOf('webauthn.create', ceremony, falsified.clientData)
      const named = falsified.credentialId ?? credentialId
      const key = encodeCbor(falsified.publicKey ?? coseKeyOf(publicKey))
      const attested = Buffer.concat([Buffer.alloc(16), lengthOf(named), named, key])
      const authData = authDataOf(falsified, attested)
      const { fmt, attStmt } = falsified.attestation ?? { fmt: 'none', attStmt: [] }
      const attestationObject = encodeCbor([
        ['fmt', fmt],
        ['attStmt', attStmt],
        ['authData', authData],
      ])
      return answer(
        {
          clientDataJSON: base64url(clientData),
          attestationObject: base64url(attestationObject),
          transports: ['internal', 'hybrid'],
          authenticatorData: base64url(authData),
        },
        falsified,
      )
    },
    get(ceremony, falsified = {}) {
      if (counts) authenticator.counter += 1
      const clientData = clientDataOf('webauthn.get', ceremony, falsified.clientData)
      const authData = authDataOf(falsified, Buffer.alloc(0))
      const signed = Buffer.concat([authData, sha256(clientData)])
      const signature = sign(digest, signed, (falsified.signWith ?? authenticator).privateKey)
      const userHandle = 'userHandle' in falsified ? falsified.userHandle : authenticator.userHandle
      return answer(
        {
          clientDataJSON: base64url(clientData),
          authenticatorData: base64url(authData),
          signature: base64url(falsified.signature?.(signature) ?? signature),
          ...(userHandle === undefined ? {} : { userHandle }),
        },
        falsified,
      )
    },
  }
  return authenticator
}
