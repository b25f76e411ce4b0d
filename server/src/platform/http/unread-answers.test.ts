import { once } from 'node:events'
import type { RequestListener, ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setInterval as every } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type ConnectionLimits, createListener } from './listener.ts'
import { sendRaw, statusOf } from './testing/raw-request.ts'
import { startTestServer } from './testing/test-server.ts'

const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'
const CLOSING = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
const BIG = Buffer.alloc(32 * 1_024 * 1_024) // more than the systems of both ends keep on their way

async function start(limits: ConnectionLimits, handler: RequestListener) {
  const server = createListener(limits, () => false, handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const open = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined)
    await once(socket, 'connect')
    onTestFinished(() => void socket.destroy())
    return socket
  }
  return { server, address: `http://127.0.0.1:${port}`, open }
}

/** How much came until the connection was closed. */
async function countUntilClosed(socket: Socket): Promise<number> {
  let count = 0
  socket.on('data', (chunk: Buffer) => {
    count += chunk.length
  })
  socket.resume()
  if (!socket.closed) await once(socket, 'close')
  return count
}

describe('a client that does not take its answers', () => {
  it('R13: is cut off when it reads nothing of an answer that has its end, and nobody else', async () => {
    const cut = Promise.withResolvers<void>()
    let endless: ServerResponse | undefined
    const { open, address } = await start({ answerTimeoutMs: 60 }, (request, response) => {
      if (request.headers.accept === 'text/event-stream') {
        endless = response
        response.write('first')
      } else {
        response.end(request.headers.connection === 'close' ? 'small' : BIG)
        response.once('close', () => response.writableFinished || cut.resolve())
      }
    })
    const streaming = await open()
    streaming.write(GET.replace('\r\n\r\n', '\r\nAccept: text/event-stream\r\n\r\n'))
    expect(String((await once(streaming, 'data'))[0])).toContain('first')
    const stalled = await open()
    stalled.pause().write(GET)
    await cut.promise
    expect(await sendRaw(address, CLOSING)).toContain('small')
    expect(await countUntilClosed(stalled)).toBeLessThan(BIG.length)
    endless?.write('second')
    expect(String((await once(streaming, 'data'))[0])).toContain('second')
  })

  it('R13: is cut off though it reads a little all the time', async () => {
    const cut = new AbortController()
    const { open } = await start({ answerTimeoutMs: 100 }, (_request, response) => {
      response.end(BIG)
      response.once('close', () => response.writableFinished || cut.abort())
    })
    const slow = await open()
    slow.pause().write(GET)
    let taken = 0
    for await (const _ of every(5)) {
      taken += slow.read(1_024)?.length ?? 0
      if (cut.signal.aborted || slow.destroyed) break
    }
    expect(taken).toBeGreaterThan(0)
    expect(taken + (await countUntilClosed(slow))).toBeLessThan(BIG.length)
  })

  it('R13: is cut off at one request too many, none of which is worked on', async () => {
    const asked: ServerResponse[] = []
    const { open, server } = await start({ pipelined: 4 }, (_request, response) => void asked.push(response))
    const patient = await open()
    patient.write(GET.repeat(4))
    await expect.poll(() => asked.length).toBe(4)
    const answered = Promise.all(asked.map((response) => once(response, 'close')))
    for (const response of asked.splice(0)) response.end('done')
    await answered
    patient.write(GET.repeat(4))
    await expect.poll(() => asked.length).toBe(4)
    const pushing = await open()
    pushing.write(GET.repeat(1_000))
    await countUntilClosed(pushing)
    expect(asked).toHaveLength(8)
    for (const response of asked) response.end('served')
    await expect.poll(() => String(patient.read() ?? '')).toContain('served')
    const connections = () => new Promise((resolve) => server.getConnections((_error, n) => resolve(n)))
    await expect.poll(connections).toBe(1)
  })

  it('R13: is cut off at one request too many with an Expect that nobody knows', async () => {
    const { open } = await start({ pipelined: 4 }, (_request, response) => response.flushHeaders())
    const pushing = await open()
    pushing.write(GET + GET.replace('\r\n\r\n', '\r\nExpect: tea\r\n\r\n').repeat(1_000))
    await countUntilClosed(pushing)
  })
})

describe('a body that nobody wants', () => {
  const post = (path: string, framing: string) =>
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${framing}\r\n\r\n`

  it.each([
    ['announced as 10 GB', 'Content-Length: 10000000000'],
    ['in chunks without end', 'Transfer-Encoding: chunked'],
  ])('R14: %s is not read, and the connection closes behind the refusal', async (_name, framing) => {
    const { address } = await startTestServer()
    for (const [path, status] of [
      ['/api/v1/nowhere', 404],
      ['/api/v1/mine', 401],
    ] as const) {
      const answer = await sendRaw(address, post(path, framing))
      expect(statusOf(answer)).toBe(status)
      expect(answer.split('HTTP/1.1 ')).toHaveLength(2)
    }
  })

  it('R14: keeps the connection when the rest of the body is small', async () => {
    const { address } = await startTestServer()
    const { hostname, port } = new URL(address)
    const socket = connect(Number(port), hostname)
    socket.write(post('/api/v1/nowhere', 'Content-Length: 3'))
    expect(statusOf(String((await once(socket, 'data'))[0]))).toBe(404)
    socket.write(`abc${CLOSING}`)
    expect(statusOf(await text(socket))).toBe(404)
  })
})
