import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

/**
 * Sends bytes as they are and resolves to everything that came back until the server closed the connection. With
 * `isAll` the server also learns that no more will come.
 */
export async function sendRaw(address: string, bytes: string | Buffer, isAll = false): Promise<string> {
  const { hostname, port } = new URL(address)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {}) // a server may close before it has read everything
  if (isAll) socket.end(bytes)
  else socket.write(bytes)
  return text(socket).catch(() => '')
}

/** The status of a raw answer; 0 when there is none. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)
}
