import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { AppError } from '../errors.ts'
import { STATUS_CODES } from '../node-http.ts'
import { httpErrors } from './http-errors.ts'
import { problemContentType, renderProblem } from './problem-response.ts'
import type { Headers } from './security-headers.ts'

/** At this pace thousands whose time is over at once are closed in two seconds, and hold up nobody for a millisecond. */
const PACE = { atOnce: 8, pauseMs: 2 } as const

type ClientError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer }

/**
 * Answers what never became a request: broken syntax, a slow or oversized head, CONNECT, an Expect that Node would
 * refuse without a body (C43, R13). Then it closes.
 */
export function answerConnectionErrors(server: Server, headers: Headers): void {
  const refuse = (error: ClientError, socket: Socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) socket.destroy()
    else writeProblem(socket, failureOf(error), headers)
  }
  const refuseLater = paced(({ error, socket }: { error: ClientError; socket: Socket }) =>
    refuse(error, socket),
  )
  server.on('clientError', (error: ClientError, socket: Socket) => {
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') refuseLater({ error, socket })
    else refuse(error, socket)
  })
  server.on('connect', (_request, socket: Socket) => {
    writeProblem(socket, methodUnknown(), headers)
  })
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const failure = httpErrors.expectationFailed()
    const { lines, body } = describeProblem(failure, headers)
    response.writeHead(failure.status, lines).end(body)
  })
}

function paced<T>(work: (item: T) => void): (item: T) => void {
  const waiting: T[] = []
  const go = () => {
    for (const item of waiting.splice(0, PACE.atOnce)) work(item)
    if (waiting.length > 0) setTimeout(go, PACE.pauseMs)
  }
  return (item) => {
    if (waiting.push(item) === 1) setImmediate(go)
  }
}

/** Part of an earlier answer is out already; more bytes would corrupt it. */
function isAnswering(socket: Socket): boolean {
  const message: unknown = Reflect.get(socket, '_httpMessage')
  return typeof message === 'object' && message !== null && Reflect.get(message, 'headersSent') === true
}

function failureOf({ code, rawPacket }: ClientError): AppError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return httpErrors.headersTooLarge()
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return httpErrors.requestTimeout()
    case 'HPE_INVALID_METHOD':
      return isRequestLine(rawPacket)
        ? methodUnknown()
        : httpErrors.badRequest({ reason: 'it cannot be understood' })
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return httpErrors.bodyTooLarge()
    default:
      return httpErrors.badRequest({ reason: 'it cannot be understood' })
  }
}

function methodUnknown(): AppError {
  return httpErrors.methodNotAllowed(
    {},
    { headers: { allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' } },
  )
}

function isRequestLine(packet: Buffer | undefined): boolean {
  return packet !== undefined && /^[A-Z][A-Z-]{0,30} \S{1,200}/.test(packet.toString('latin1', 0, 256))
}

function describeProblem(failure: AppError, headers: Headers) {
  const requestId = randomUUID()
  const body = renderProblem(failure, requestId)
  const lines = {
    ...headers,
    ...failure.headers,
    'x-request-id': requestId,
    'content-type': problemContentType,
    'content-length': `${Buffer.byteLength(body)}`,
    connection: 'close',
  }
  return { lines, body }
}

function writeProblem(socket: Socket, failure: AppError, headers: Headers): void {
  const { lines, body } = describeProblem(failure, headers)
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(
    `HTTP/1.1 ${failure.status} ${STATUS_CODES[failure.status] ?? ''}\r\n${head.join('')}\r\n${body}`,
    () => socket.destroySoon(),
  )
}
