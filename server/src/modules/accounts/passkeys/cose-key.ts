import { createPublicKey, type webcrypto } from 'node:crypto'
import { cose, isoCBOR } from '@simplewebauthn/server/helpers'

const RSA_BITS = { min: 2_048, max: 4_096 } // NIST SP 800-131A; above, verifying would only cost time
const RSA_EXPONENT = 65_537n

const base64url = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('base64url')

/** The key as a JWK, when its type and curve are those of its algorithm (RFC 9053, sections 2 and 7; RFC 8812). */
function jwkOf(key: cose.COSEPublicKey): webcrypto.JsonWebKey | undefined {
  const { COSEKEYS, COSECRV, COSEALG } = cose
  const algorithm = key.get(COSEKEYS.alg)
  if (algorithm === COSEALG.EdDSA && cose.isCOSEPublicKeyOKP(key)) {
    const x = base64url(key.get(COSEKEYS.x))
    return key.get(COSEKEYS.crv) === COSECRV.ED25519 ? { kty: 'OKP', crv: 'Ed25519', x } : undefined
  }
  if (algorithm === COSEALG.ES256 && cose.isCOSEPublicKeyEC2(key)) {
    const point = { x: base64url(key.get(COSEKEYS.x)), y: base64url(key.get(COSEKEYS.y)) }
    return key.get(COSEKEYS.crv) === COSECRV.P256 ? { kty: 'EC', crv: 'P-256', ...point } : undefined
  }
  if (algorithm === COSEALG.RS256 && cose.isCOSEPublicKeyRSA(key)) {
    return { kty: 'RSA', n: base64url(key.get(COSEKEYS.n)), e: base64url(key.get(COSEKEYS.e)) }
  }
  return undefined
}

/**
 * The algorithm of a COSE_Key that can be signed in with: a key of the right type, on its curve, of a fair size.
 * `undefined` for every other key; throws for what is no COSE_Key at all.
 */
export function algorithmOf(coseKey: Uint8Array): number | undefined {
  const key = isoCBOR.decodeFirst<cose.COSEPublicKey>(new Uint8Array(coseKey))
  const jwk = jwkOf(key)
  if (!jwk) return undefined
  const { asymmetricKeyDetails: details } = createPublicKey({ key: jwk, format: 'jwk' })
  if (jwk.kty === 'RSA') {
    const bits = details?.modulusLength ?? 0
    if (bits < RSA_BITS.min || bits > RSA_BITS.max || details?.publicExponent !== RSA_EXPONENT)
      return undefined
  }
  return key.get(cose.COSEKEYS.alg)
}
