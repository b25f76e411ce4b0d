import { finished, type Readable } from 'node:stream'

/**
 * All bytes of a body that is known to be short. Rejects when it breaks off. Note: a loop over the stream (`for await`)
 * costs a small answer more than everything else that is done with it.
 */
export function wholeBody(body: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    body.on('data', (chunk: Buffer) => chunks.push(chunk))
    finished(body, { writable: false }, (error) => (error ? reject(error) : resolve(Buffer.concat(chunks))))
  })
}
