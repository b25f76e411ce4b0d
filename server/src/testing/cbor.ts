/** What the test authenticator writes: whole numbers, text, bytes, lists, and maps as pairs in the order they are given. */
export type Cbor =
  | number
  | string
  | Uint8Array
  | { readonly list: readonly Cbor[] }
  | readonly (readonly [number | string, Cbor])[]

function head(major: number, count: number): Buffer {
  if (count < 24) return Buffer.from([(major << 5) | count])
  const wide = Buffer.alloc(count < 256 ? 2 : 3)
  wide[0] = (major << 5) | (count < 256 ? 24 : 25)
  wide.writeUIntBE(count, 1, wide.length - 1)
  return wide
}

/** CBOR of counts below 65,536 (RFC 8949, section 3). */
export function encodeCbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') {
    const text = Buffer.from(value)
    return Buffer.concat([head(3, text.length), text])
  }
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value])
  if ('list' in value) return Buffer.concat([head(4, value.list.length), ...value.list.map(encodeCbor)])
  const entries = value.flatMap(([key, item]) => [encodeCbor(key), encodeCbor(item)])
  return Buffer.concat([head(5, value.length), ...entries])
}
