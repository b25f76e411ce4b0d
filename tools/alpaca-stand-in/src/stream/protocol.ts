import type { RawData, WebSocket } from 'ws'
import type { Environment } from '../environment.ts'
import { digestOf } from '../http/keys.ts'
import { factsOf, type RequestLog } from '../http/request-log.ts'
import type { Reader } from './hub.ts'

type Message = Record<string, unknown>

type Parts = { environment: Environment; log: RequestLog }

/**
 * Speaks the trading stream with one connection: first `auth`, then `listen` with the whole list of streams. Whatever
 * is not a message of the protocol ends the connection.
 */
export function serveReader(socket: WebSocket, parts: Parts): void {
  const { hub } = parts.environment
  const reader: Reader = { socket, keyDigest: null, isListening: false }
  hub.readers.add(reader)
  socket.on('close', () => hub.readers.delete(reader))
  socket.on('error', () => socket.terminate())
  socket.on('message', (data) => {
    const message = readMessage(data)
    if (message?.action === 'auth') authenticate(reader, message, parts)
    else if (message?.action === 'listen') listen(reader, message, parts)
    else hub.fail(reader, message ? 'unknown action' : 'invalid message')
  })
}

function authenticate(reader: Reader, message: Message, { environment, log }: Parts): void {
  const { key = '', secret = '' } = message
  const isAccepted =
    typeof key === 'string' && typeof secret === 'string' && environment.keys.accepts(key, secret)
  const status = isAccepted ? 'authorized' : 'unauthorized'
  const presented = { 'apca-api-key-id': String(key), 'apca-api-secret-key': String(secret) }
  const facts = factsOf({ url: new URL('http://stand-in/stream'), headers: presented, body: '' })
  const entry = log.begin({ ...facts, environment: environment.name, method: 'STREAM', headers: [] })
  if (isAccepted) {
    environment.accountOf(key)
    reader.keyDigest = digestOf(key)
  }
  environment.hub.send(reader, authorization(status, 'authenticate'))
  entry.end(status)
}

function listen(reader: Reader, message: Message, { environment }: Parts): void {
  if (reader.keyDigest === null) {
    environment.hub.send(reader, authorization('unauthorized', 'listen'))
    return
  }
  const { data } = message
  const asked = typeof data === 'object' && data !== null && 'streams' in data ? data.streams : undefined
  if (!Array.isArray(asked)) {
    environment.hub.fail(reader, 'invalid listen message')
    return
  }
  const streams = asked.includes('trade_updates') ? ['trade_updates'] : []
  reader.isListening = streams.length > 0
  environment.hub.send(reader, { stream: 'listening', data: { streams } })
}

function authorization(status: 'authorized' | 'unauthorized', action: 'authenticate' | 'listen') {
  return { stream: 'authorization', data: { status, action } }
}

function readMessage(data: RawData): Message | undefined {
  try {
    const bytes = Array.isArray(data)
      ? Buffer.concat(data)
      : data instanceof ArrayBuffer
        ? Buffer.from(data)
        : data
    const message: unknown = JSON.parse(bytes.toString())
    return typeof message === 'object' && message !== null ? { ...message } : undefined
  } catch {
    return undefined
  }
}
