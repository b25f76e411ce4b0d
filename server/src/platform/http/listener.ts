import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** How much one client may hold on to (C41, R13). */
export interface ConnectionLimits {
  /** Bytes of request line and headers together; default 16 KiB. */
  readonly maxHeaderBytes?: number
  /** Until the head is complete; default 10 s. */
  readonly headersTimeoutMs?: number
  /** Until the whole request is complete; default 30 s. */
  readonly requestTimeoutMs?: number
  /** Without a byte in either direction, such as a client that does not read; default 60 s. */
  readonly idleTimeoutMs?: number
  /** Open connections of one peer; default 100. Trusted proxies are not counted. */
  readonly perAddress?: number
  /** Open connections in all; default 10,000. */
  readonly total?: number
}

const SECOND = 1_000

/** A Node HTTP server with these limits. `isExempt` names the peers whose connections are not counted. */
export function createListener(
  limits: ConnectionLimits,
  isExempt: (address: string) => boolean,
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const headersTimeout = limits.headersTimeoutMs ?? 10 * SECOND
  const requestTimeout = limits.requestTimeoutMs ?? 30 * SECOND
  const server = createServer(
    {
      maxHeaderSize: limits.maxHeaderBytes ?? 16 * 1_024,
      headersTimeout,
      requestTimeout,
      keepAliveTimeout: 65 * SECOND, // longer than a proxy's usual 60 s, so that the proxy closes first
      connectionsCheckingInterval: Math.min(2 * SECOND, Math.ceil(headersTimeout / 4)),
      insecureHTTPParser: false,
      requireHostHeader: false, // answered by the request guard, as a problem
      noDelay: true,
    },
    handler,
  )
  server.maxHeadersCount = 100
  server.maxConnections = limits.total ?? 10_000
  server.setTimeout(limits.idleTimeoutMs ?? 60 * SECOND)
  limitPerAddress(server, limits.perAddress ?? 100, isExempt)
  return server
}

function limitPerAddress(server: Server, max: number, isExempt: (address: string) => boolean): void {
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress
    if (address === undefined || isExempt(address)) return
    const count = (open.get(address) ?? 0) + 1
    if (count > max) {
      socket.destroy()
      return
    }
    open.set(address, count)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left === 0) open.delete(address)
      else open.set(address, left)
    })
  })
}
