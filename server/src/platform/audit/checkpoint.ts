import { createHash, type KeyObject, sign, verify } from 'node:crypto'
import { lengthPrefixed } from '../crypto/length-prefixed.ts'

const DOMAIN = 'outcry audit checkpoint 1'
const LINE =
  /^\{"seq":(\d{1,16}),"hash":"([0-9a-f]{64})","at":"([0-9TZ:.-]{24})","key":"([a-z2-7]{1,32})","previous":(?:null|"([0-9a-f]{64})"),"signature":"([\w-]{86})"\}$/

/** That the audit log had this entry with this hash at this moment, signed by the vault. */
export interface Checkpoint {
  readonly seq: number
  /** Of the entry, as lower-case hex. */
  readonly hash: string
  /** RFC 3339, in UTC, to the millisecond. */
  readonly at: string
  /** The id of the signing key. */
  readonly key: string
  /** The SHA-256 of the line before it in its file; null on the first. */
  readonly previous: string | null
  /** Ed25519 (RFC 8032) over the rest, as base64url. */
  readonly signature: string
}

/** What is signed: no other list of texts gives the same bytes, and nothing else that a key signs begins so. */
function signedText({ seq, hash, at, key, previous }: Omit<Checkpoint, 'signature'>): Buffer {
  return lengthPrefixed([DOMAIN, String(seq), hash, at, key, previous ?? ''])
}

/** Signs a checkpoint and writes it as one line of JSON, without its end. */
export function checkpointLine(unsigned: Omit<Checkpoint, 'signature'>, privateKey: KeyObject): string {
  const { seq, hash, at, key, previous } = unsigned
  const signature = sign(null, signedText(unsigned), privateKey).toString('base64url')
  return JSON.stringify({ seq, hash, at, key, previous, signature })
}

/** Reads a line that `checkpointLine` wrote; `undefined` for everything else, such as one that was written in part. */
export function readCheckpoint(line: string): Checkpoint | undefined {
  const [, seq, hash, at, key, previous, signature] = LINE.exec(line) ?? []
  if (!seq || !hash || !at || !key || !signature) return undefined
  return { seq: Number(seq), hash, at, key, previous: previous ?? null, signature }
}

/** Whether the holder of the key signed exactly this. */
export function isSigned(checkpoint: Checkpoint, publicKey: KeyObject): boolean {
  return verify(null, signedText(checkpoint), publicKey, Buffer.from(checkpoint.signature, 'base64url'))
}

/** What the next line of the file names as its `previous`. */
export const checkpointLineHash = (line: string): string => createHash('sha256').update(line).digest('hex')
