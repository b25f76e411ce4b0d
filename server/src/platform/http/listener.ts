import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { SECOND } from '../durations.ts'
import { createServer } from '../node-http.ts'
import { isLoopback } from './client-address.ts'
import { serveReaders } from './unread-answers.ts'

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
  /** Until the client has taken an answer that has its end, however it reads; default 60 s. */
  readonly answerTimeoutMs?: number
  /** Requests of one connection whose answers it has not taken; default 8. */
  readonly pipelined?: number
  /** Open connections of one peer; default 100, and 2,000 for this machine. Trusted proxies are not counted. */
  readonly perAddress?: number
  /** Open connections in all; default 10,000. */
  readonly total?: number
}

/** A Node HTTP server with these limits. `isExempt` names the peers whose connections are not counted. */
export function createListener(
  limits: ConnectionLimits,
  isExempt: (address: string) => boolean,
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const headersTimeout = limits.headersTimeoutMs ?? 10 * SECOND
  const requestTimeout = limits.requestTimeoutMs ?? 30 * SECOND
  const server = createServer({
    maxHeaderSize: limits.maxHeaderBytes ?? 16 * 1_024,
    headersTimeout,
    requestTimeout,
    keepAliveTimeout: 65 * SECOND, // longer than a proxy's usual 60 s, so that the proxy closes first
    connectionsCheckingInterval: Math.min(2 * SECOND, Math.ceil(headersTimeout / 4)),
    insecureHTTPParser: false,
    requireHostHeader: false, // answered by the request guard, as a problem
    noDelay: true,
  })
  server.maxHeadersCount = 100
  server.maxConnections = limits.total ?? 10_000
  server.setTimeout(limits.idleTimeoutMs ?? 60 * SECOND)
  const maxOf = (address: string) => limits.perAddress ?? (isLocal(address) ? LOCAL_CONNECTIONS : 100)
  limitPerAddress(server, maxOf, isExempt)
  const { answerTimeoutMs = 60 * SECOND, pipelined = 8 } = limits
  serveReaders(server, { answerTimeoutMs, pipelined }, handler)
  return server
}

// Note: a proxy, a load test or a worker on this machine is one address for many clients.
const LOCAL_CONNECTIONS = 2_000

function isLocal(address: string): boolean {
  return isLoopback(address.replace(/^::ffff:/, ''))
}

function limitPerAddress(
  server: Server,
  maxOf: (address: string) => number,
  isExempt: (address: string) => boolean,
): void {
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress
    if (address === undefined || isExempt(address)) return
    const count = (open.get(address) ?? 0) + 1
    if (count > maxOf(address)) {
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
