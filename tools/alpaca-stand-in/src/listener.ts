import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Controls } from './controls/controls.ts'
import { answerControl, CONTROL_PATH } from './controls/handle-control.ts'
import type { Environment } from './environment.ts'
import { encode } from './http/answer.ts'
import { deliver } from './http/deliver.ts'
import { answerWith, handleCall } from './http/handle.ts'
import { serveReader } from './stream/protocol.ts'
import type { World } from './world.ts'

const HOST = '127.0.0.1'
const LARGEST_BODY = 64 * 1024

export type Listener = {
  /** `http://127.0.0.1:PORT` */
  url: string
  /** `ws://127.0.0.1:PORT/stream` */
  streamUrl: string
  port: number
  /** Cuts every connection. */
  close(): Promise<void>
}

type Parts = { environment: Environment; world: World; controls: Controls }

/** Serves one environment on loopback; on any free port when `port` is 0. */
export async function listen(parts: Parts, port: number): Promise<Listener> {
  const server = createServer((request, response) => {
    serve(parts, request, response).catch((error: Error) => {
      process.stderr.write(`The stand-in failed: ${error.stack}\n`)
      response.destroy()
    })
  })
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    if (!mayUpgrade(parts, request, socket)) return
    sockets.handleUpgrade(request, socket, head, (opened) => {
      serveReader(opened, { environment: parts.environment, log: parts.world.log })
    })
  })
  server.listen(port, HOST)
  await once(server, 'listening')
  const bound = portOf(server)
  return {
    url: `http://${HOST}:${bound}`,
    streamUrl: `ws://${HOST}:${bound}/stream`,
    port: bound,
    async close() {
      parts.environment.hub.drop()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function serve(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', headers } = request
  const url = new URL(request.url ?? '/', `http://${HOST}`)
  const body = await readBody(request)
  if (body === undefined) {
    await deliver(response, { status: 413, json: { message: 'payload too large' } })
  } else if (url.pathname.startsWith(CONTROL_PATH)) {
    await deliver(response, answerControl(parts, { method, url, body }))
  } else {
    await handleCall(parts, { method, url, headers, body }, response)
  }
}

/** Only `/stream` is a stream, and a fault may stand before it: it answers, resets, or leaves the caller waiting. */
function mayUpgrade({ environment, world }: Parts, request: IncomingMessage, socket: Duplex): boolean {
  const route = new URL(request.url ?? '/', `http://${HOST}`).pathname
  const target = { environment: environment.name, method: 'GET', route, keyFingerprint: null }
  const fault = world.faults.take(target)
  if (route === '/stream' && fault === undefined) return true
  const notFound = { status: 404, json: { message: 'not found' } }
  const answer = answerWith(fault, () => notFound, world.market.clock.nowMs())
  if (answer) socket.end(rawAnswer(answer))
  else if (fault?.kind === 'reset') socket.destroy()
  return false
}

function rawAnswer(answer: Parameters<typeof encode>[0]): string {
  const { type, body } = encode(answer)
  return `HTTP/1.1 ${answer.status} Refused\r\ncontent-type: ${type}\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > LARGEST_BODY) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return address.port
}
