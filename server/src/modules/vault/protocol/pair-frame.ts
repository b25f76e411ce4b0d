import type { KeyPair } from '../provider.ts'

/** The largest frame: two values of 512 bytes with their lengths, and nothing after them. */
export const FRAME_MAX_BYTES = 2 * (4 + 512)

/** A pair as bytes that can be wiped. They are printable ASCII, one byte each. */
export interface KeyBytes {
  readonly apiKey: Uint8Array
  readonly secretKey: Uint8Array
}

/** Writes a pair as one piece: of each value four bytes of length, then its bytes. The caller wipes it. */
export function framePair({ apiKey, secretKey }: KeyPair): Buffer {
  const frame = Buffer.alloc(8 + apiKey.length + secretKey.length)
  let at = frame.writeUInt32BE(apiKey.length, 0)
  at += frame.write(apiKey, at, 'latin1')
  at = frame.writeUInt32BE(secretKey.length, at)
  frame.write(secretKey, at, 'latin1')
  return frame
}

/** Reads a frame; `undefined` when it is not exactly two values. What comes out is a view of it, wiped with it. */
export function readFrame(frame: Buffer): KeyBytes | undefined {
  const valueAt = (at: number): Buffer | undefined => {
    if (at + 4 > frame.length) return undefined
    const end = at + 4 + frame.readUInt32BE(at)
    return end > frame.length || end === at + 4 ? undefined : frame.subarray(at + 4, end)
  }
  const apiKey = valueAt(0)
  const secretKey = apiKey && valueAt(4 + apiKey.length)
  if (!secretKey || 8 + apiKey.length + secretKey.length !== frame.length) return undefined
  return { apiKey, secretKey }
}

/** The pair as texts, which only the collector can take away: for as long as one request is being put together. */
export function textsOf({ apiKey, secretKey }: KeyBytes): KeyPair {
  return { apiKey: latin1(apiKey), secretKey: latin1(secretKey) }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
