import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { pipeline } from 'node:stream'

/** An address that is known before the server that answers there. */
export interface FrontDoor extends AsyncDisposable {
  /** Its origin. Browsers treat `localhost` as secure, so cookies and passkeys work as they do behind TLS. */
  readonly url: string
  /** Says where the server listens. */
  leadTo(url: string): void
}

const HOST = '127.0.0.1'

/**
 * Opens a free port and passes connections on. A server's origin is among its settings, and its port is free only once it
 * listens; with the door in between no port has to be guessed.
 */
export async function openFrontDoor(): Promise<FrontDoor> {
  const open = new Set<Socket>()
  let port: number | undefined
  const server = createServer((visitor) => {
    if (port === undefined) return void visitor.destroy()
    const inside = connect(port, HOST)
    for (const socket of [visitor, inside]) {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
    }
    pipeline(visitor, inside, visitor, () => undefined) // either side may hang up at any time
  })
  server.listen(0, HOST)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The front door has no port.')
  return {
    url: `http://localhost:${address.port}`,
    leadTo(url) {
      port = Number(new URL(url).port)
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
