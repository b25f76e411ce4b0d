import type { Readable } from 'node:stream'

/** What a body turned out to be: its text, too long, or not UTF-8. */
export type ReadBody = { readonly text: string } | 'too_long' | 'not_text'

/**
 * Reads a body of at most `maxBytes` to its end; a longer one is let go of. Rejects when the connection breaks or the
 * signal is aborted.
 */
export async function readBody(
  body: Readable,
  { maxBytes, signal }: { readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<ReadBody> {
  const stop = () => body.destroy(new Error('The body took too long.'))
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      size += chunk.length
      if (size > maxBytes) return 'too_long' // leaving the loop destroys the stream
      chunks.push(chunk)
    }
    return decode(Buffer.concat(chunks))
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function decode(bytes: Uint8Array): ReadBody {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return 'not_text'
  }
}
