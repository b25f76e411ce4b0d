import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { type SecureContextOptions, TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'

/** The message that asks a PostgreSQL for TLS (its manual, "Message Formats", SSLRequest). */
const SSL_REQUEST = Buffer.from('0000000804d2162f', 'hex')

/** Who stands between clients and a PostgreSQL. */
export interface InFront {
  /** The URL that leads through it. */
  readonly url: string
  /** How often it was asked for TLS. */
  readonly asked: number
  /** What it was told otherwise, in the clear or under TLS. */
  readonly heard: Buffer
}

/**
 * Stands between clients and the real PostgreSQL until the test ends and reads all that they say. Asked for TLS it says no,
 * as who cuts a connection to plaintext does; or it speaks TLS with what it is given, and hands the plaintext on.
 */
export async function inFrontOf(url: string, tls?: SecureContextOptions): Promise<InFront> {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  const heard: Buffer[] = []
  let asked = 0
  const keep = (socket: Socket, other?: Socket) => {
    sockets.add(socket)
    socket.on('error', () => other?.destroy())
  }
  const handOn = (client: Socket) => {
    const server = connect(Number(port), hostname)
    keep(client, server)
    keep(server, client)
    client.on('data', (bytes) => heard.push(Buffer.from(bytes)))
    client.pipe(server).pipe(client)
  }
  const front = createServer((client) => {
    keep(client)
    client.once('data', (bytes) => {
      client.pause()
      if (!SSL_REQUEST.equals(Buffer.from(bytes))) {
        client.unshift(bytes)
        return handOn(client)
      }
      asked += 1
      client.write(tls ? 'S' : 'N')
      handOn(tls ? new TLSSocket(client, { ...tls, isServer: true }) : client)
    })
  }).listen(0, '127.0.0.1')
  await once(front, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    front.close()
  })
  const address = front.address()
  const host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  return {
    url: Object.assign(new URL(url), { host }).href,
    get asked() {
      return asked
    },
    get heard() {
      return Buffer.concat(heard)
    },
  }
}
