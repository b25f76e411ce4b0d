import { generateKeyPairSync, sign } from 'node:crypto'
import { isIPv4 } from 'node:net'

/** A private key and its certificate, as PEM. */
export interface SelfSigned {
  readonly key: string
  readonly cert: string
}

/** One value of DER (ITU-T X.690). */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const size = Buffer.alloc(2)
  size.writeUInt16BE(content.length)
  const length = content.length < 0x80 ? size.subarray(1) : Buffer.concat([Buffer.from([0x82]), size])
  return Buffer.concat([Buffer.from([tag]), length, content])
}

const sequence = (...parts: readonly Buffer[]) => der(0x30, ...parts)
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))
const text = (tag: number, value: string) => der(tag, Buffer.from(value, 'latin1'))
const ED25519 = sequence(oid('2b6570'))
const VALIDITY = sequence(text(0x17, '200101000000Z'), text(0x18, '21200101000000Z'))

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), der(0x04, value))
}

/** A certificate (RFC 5280) for a host name or an IPv4 address, which is its own authority. */
export function selfSigned(host: string): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const name = sequence(der(0x31, sequence(oid('550403'), text(0x0c, host))))
  const alternative = isIPv4(host) ? der(0x87, Buffer.from(host.split('.').map(Number))) : text(0x82, host)
  const extensions = sequence(
    extension('551d13', sequence(der(0x01, Buffer.from([0xff])))), // an authority
    extension('551d11', sequence(alternative)),
  )
  const certificate = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, Buffer.from([1])),
    ...[ED25519, name, VALIDITY, name],
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  )
  const signature = Buffer.concat([Buffer.from([0]), sign(null, certificate, privateKey)])
  const base64 = sequence(certificate, ED25519, der(0x03, signature)).toString('base64')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64.match(/.{1,64}/g)?.join('\n')}\n-----END CERTIFICATE-----\n`,
  }
}
