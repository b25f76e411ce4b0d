import { createHash } from 'node:crypto'

/** Integers that follow from a seed: the same labels give the same row on every machine. */
export type Random = {
  /** An integer from `from` to `to`, both included. */
  int(from: number, to: number): number
  pick<T>(from: readonly [T, ...T[]]): T
}

/** Starts a row of integers from labels. */
export function createRandom(...labels: string[]): Random {
  const seed = hashOf(...labels)
  let step = 0
  const int = (from: number, to: number) => {
    step += 1
    return from + (mixed(seed, step) % (to - from + 1))
  }
  return { int, pick: (from) => from[int(0, from.length - 1)] ?? from[0] }
}

/** A number of 32 bits that follows from labels. */
export function hashOf(...labels: string[]): number {
  return digestOf(labels).readUInt32BE(0)
}

/** A UUID that follows from labels; it looks like one of version 4 (RFC 9562). */
export function uuidOf(...labels: string[]): string {
  const bytes = digestOf(labels).subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Mixes a seed and a position into 32 bits: the finaliser of MurmurHash3 (Appleby, public domain). */
export function mixed(seed: number, at: number): number {
  let bits = seed ^ Math.imul(at, 0x9e3779b1)
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}

function digestOf(labels: readonly string[]): Buffer {
  return createHash('sha256').update(JSON.stringify(labels)).digest()
}
