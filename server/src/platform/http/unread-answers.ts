import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** What one connection may leave with the server. */
export interface UnreadLimits {
  /** Until an answer that has its end is taken; looked at six times in that time. */
  readonly answerTimeoutMs: number
  /** Requests whose answer is not taken yet. */
  readonly pipelined: number
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** Since when each answer has its end and waits for its reader; `undefined` until somebody has looked. */
type Waiting = Map<ServerResponse, number | undefined>

const LOOKS = 6

/** Of a body that nobody wants, this much is read so that the connection can be used again: the most that any route takes. */
const REST_BYTES = 1_024 * 1_024

/**
 * Has `server` hand its requests to `handler`, and cuts off a connection that leaves answers or bodies with us (R13, R14): one
 * that takes too long to take an answer, one with too many requests under way, which Node would all work on, and after its
 * answer one whose body has more to come than it is worth. An answer without an end yet, such as a stream of events, may take as
 * long as it likes.
 */
export function serveReaders(server: Server, limits: UnreadLimits, handler: Handler): void {
  const open = new Map<Socket, Waiting>()
  server.on('connection', (socket: Socket) => {
    open.set(socket, new Map())
    socket.once('close', () => open.delete(socket))
  })
  const isCounted = ({ socket }: IncomingMessage, response: ServerResponse): boolean => {
    const waiting = open.get(socket)
    if (waiting === undefined || waiting.size >= limits.pipelined) {
      socket.destroy() // what else came in the same packet is still handed to us
      return false
    }
    waiting.set(response, undefined)
    response.once('close', () => waiting.delete(response))
    return true
  }
  server.prependListener('checkExpectation', isCounted)
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!isCounted(request, response)) return
    leaveLongBody(request, response)
    handler(request, response)
  })
  const look = () => {
    for (const [socket, waiting] of open) {
      if (isStalled(waiting, limits.answerTimeoutMs)) socket.destroy()
    }
  }
  server.once('listening', () => {
    const looking = setInterval(look, Math.ceil(limits.answerTimeoutMs / LOOKS)).unref()
    server.once('close', () => clearInterval(looking))
  })
}

function isStalled(waiting: Waiting, timeoutMs: number): boolean {
  const now = performance.now()
  for (const [response, since] of waiting) {
    if (!response.writableEnded) continue
    if (since === undefined) waiting.set(response, now)
    else if (now - since >= timeoutMs) return true
  }
  return false
}

/** Closes behind an answer that came before its body did, when much of that may still come: Node would read all of it. */
function leaveLongBody(request: IncomingMessage, response: ServerResponse): void {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers
  if (coding === undefined && Number(length ?? 0) <= REST_BYTES) return
  response.once('finish', () => {
    if (!request.complete) request.socket.destroySoon()
  })
}
