import { createHmac, type KeyObject } from 'node:crypto'
import { decodeBase64Url } from './base64url.ts'
import { lengthPrefixed } from './length-prefixed.ts'
import { equalDigests } from './opaque-token.ts'

const MAC_BYTES = 16 // 128 bits: a cursor is a convenience, not a secret, and stays short in a URL
const MAX_LENGTH = 1024

/** One position in a list: the values of its sort columns. */
export type CursorValues = readonly (string | number | boolean | null)[]

/** The cursor was not made by this server for this list. Answer 400. */
export class TamperedCursorError extends Error {
  override readonly name = 'TamperedCursorError'
  constructor() {
    super('This cursor does not belong to this list; start again from the first page.')
  }
}

/** Writes and reads paging cursors that clients can carry but not make. */
export interface SignedCursors {
  /** `scope` names the list with its filters and order: a cursor opens only under the scope it was made for. */
  encode(scope: string, values: CursorValues): string
  /** Throws `TamperedCursorError` for anything `encode` did not return for this scope. */
  decode(scope: string, cursor: string): CursorValues
}

/** `key` is a secret key of at least 256 bits. A new key makes every older cursor a tampered one. */
export function createSignedCursors(key: KeyObject): SignedCursors {
  const macOf = (scope: string, body: string): Buffer =>
    createHmac('sha256', key)
      .update(lengthPrefixed(['cursor', scope, body]))
      .digest()
      .subarray(0, MAC_BYTES)

  return {
    encode(scope, values) {
      const body = JSON.stringify(values)
      return Buffer.concat([macOf(scope, body), Buffer.from(body)]).toString('base64url')
    },
    decode(scope, cursor) {
      const bytes = cursor.length <= MAX_LENGTH ? decodeBase64Url(cursor) : undefined
      if (bytes === undefined || bytes.length < MAC_BYTES) throw new TamperedCursorError()
      const body = bytes.toString('utf8', MAC_BYTES)
      if (!equalDigests(bytes.subarray(0, MAC_BYTES), macOf(scope, body))) throw new TamperedCursorError()
      return JSON.parse(body)
    },
  }
}
