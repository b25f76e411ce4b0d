import { once } from 'node:events'
import { connect } from 'node:net'

/** How many connections to hold half open, and to whom. */
export interface HalfOpenClients {
  readonly url: string
  readonly count: number
}

const EACH = 1_000 // of one address; a server allows this machine's 2,000 each
const AT_ONCE = 250
const HALF_A_HEAD = 'GET /api/v1/auth/me HTTP/1.1\r\nhost: local'

const { url, count }: HalfOpenClients = JSON.parse(process.argv[2] ?? '{}')
const port = Number(new URL(url).port)

/** Holds a connection with half a head, and opens the next one when the server has closed it. */
async function hold(at: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.0.${2 + Math.floor(at / EACH)}` })
  socket.on('error', () => undefined).once('close', () => void hold(at).catch(() => undefined))
  await once(socket.resume(), 'connect')
  socket.write(HALF_A_HEAD)
}

for (let from = 0; from < count; from += AT_ONCE) {
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, i) => hold(from + i)))
}
process.send?.({ held: count })
