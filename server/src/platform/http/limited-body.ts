import type { IncomingMessage } from 'node:http'
import { PassThrough, type Readable } from 'node:stream'

/** A body that is cut off when it grows too large. */
export interface LimitedBody {
  /** Fails with a plain error when the client goes away before the end, and at the limit. */
  readonly stream: Readable
  /** Whether it was cut off at the limit. */
  readonly isTooLarge: () => boolean
}

/**
 * The body of a request as it arrives, at most `limit` bytes of it. What comes after the limit is not read; the socket
 * stays usable for an answer.
 */
export function limitedBody(request: IncomingMessage, limit: number): LimitedBody {
  const stream = new PassThrough()
  let received = 0
  let tooLarge = false
  const detach = () => {
    request.off('data', count).off('aborted', cut).off('error', cut).off('close', closed)
    request.unpipe(stream)
  }
  const cut = () => {
    detach()
    stream.destroy(new Error('The client went away before its body was complete.'))
  }
  const closed = () => {
    if (!request.complete) cut()
  }
  const count = (chunk: Buffer) => {
    received += chunk.length
    if (received <= limit) return
    tooLarge = true
    detach()
    request.pause()
    stream.destroy(new Error('The body is larger than allowed.'))
  }
  request.on('data', count).on('aborted', cut).on('error', cut).on('close', closed)
  request.pipe(stream)
  stream.once('close', detach)
  stream.on('error', () => undefined) // nobody may be reading yet, or any more
  return { stream, isTooLarge: () => tooLarge }
}
