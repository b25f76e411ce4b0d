import { connect } from 'node:net'
import { bytesOf, type RequestDraft } from './request-draft.ts'

/** What came back. `status` is 0 when the connection was closed without an answer. */
export interface RawAnswer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
  /** Everything as it came, head included. */
  readonly raw: string
}

const PATIENCE_MS = 10_000

/** Sends a request on a connection of its own and reads until the server closes it. Throws when it does not within 10 s. */
export async function exchange(address: string, draft: RequestDraft): Promise<RawAnswer> {
  const { hostname, port } = new URL(address)
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>()
  const chunks: Buffer[] = []
  const socket = connect(Number(port), hostname)
  socket.setTimeout(PATIENCE_MS, () => {
    socket.destroy()
    reject(new Error('The server neither answered nor closed the connection.'))
  })
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    if (isEndless(chunks)) socket.destroy()
  })
  socket.on('error', () => {}) // a server may close before it has read everything
  socket.on('close', () => resolve(answerOf(Buffer.concat(chunks).toString('utf8'))))
  const bytes = bytesOf(draft)
  if (draft.isUnfinished) socket.end(bytes)
  else socket.write(bytes)
  return promise
}

/** Whether what came is the head of a stream of events, which nobody closes. */
function isEndless([first]: readonly Buffer[]): boolean {
  return first !== undefined && /^content-type: text\/event-stream\r$/im.test(first.toString('latin1'))
}

/** Reads an answer from its text, passing over 1xx ones. */
export function answerOf(raw: string): RawAnswer {
  const final = raw.replace(/^(?:HTTP\/1\.1 1\d\d [^\r]*\r\n(?:[^\r]+\r\n)*\r\n)+/, '')
  const end = final.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = final.slice(0, Math.max(end, 0)).split('\r\n')
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
    }),
  )
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? 0),
    headers,
    body: end === -1 ? '' : final.slice(end + 4),
    raw,
  }
}
