import { getEventListeners, once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { Pool } from 'undici'
import { expect, it, onTestFinished } from 'vitest'
import { type HttpRequest, sendOver } from './http-exchange.ts'
import { wholeBody } from './whole-body.ts'

const MIB = 1024 * 1024

async function listen(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return `http://127.0.0.1:${port}`
}

/** A way to a server, and the connections that the server has seen. */
async function open(server: Server, connections = 1) {
  const sockets: Socket[] = []
  server.on('connection', (socket: Socket) => sockets.push(socket.on('error', () => undefined)))
  const pool = new Pool(await listen(server), { connections, pipelining: 1, allowH2: false })
  onTestFinished(() => pool.destroy())
  const send = (request: Partial<HttpRequest> = {}) =>
    sendOver(pool, { method: 'GET', path: '/', ...request })
  return { sockets, send }
}

const serve = (listener: RequestListener, connections?: number) => open(createServer(listener), connections)

/** A server that says this to whatever it is sent, and stays or leaves. */
const say = (words: string, { thenLeave = false } = {}) =>
  open(
    createTcpServer((socket) => {
      socket.on('data', () => (thenLeave ? socket.end(words) : socket.write(words)))
    }),
  )

const NOBODY = { code: 'ECONNREFUSED' }

/** A way to where nobody listens. */
async function poolToNobody(): Promise<Pool> {
  const gone = createTcpServer()
  const pool = new Pool(await listen(gone))
  onTestFinished(() => pool.destroy())
  await new Promise((resolve) => gone.close(resolve))
  return pool
}

it('gives the answer, and uses the connection again', async () => {
  const { send, sockets } = await serve((request, response) => {
    response.writeHead(418, { 'X-Said': String(request.url) }).end('short and stout')
  })
  for (const path of ['/a', '/b?c']) {
    const answer = await send({ path })
    expect(answer).toMatchObject({ statusCode: 418, headers: { 'x-said': path } })
    expect(String(await wholeBody(answer.body))).toBe('short and stout')
  }
  expect(sockets).toHaveLength(1)
})

it('sends a body, as bytes or as it comes', async () => {
  const { send } = await serve(async (request, response) => {
    response.end(await wholeBody(request))
  })
  for (const body of [Buffer.from('an order'), Readable.from([Buffer.from('an '), Buffer.from('order')])]) {
    const answer = await send({ method: 'POST', body })
    expect(String(await wholeBody(answer.body))).toBe('an order')
  }
})

it('passes interim answers over', async () => {
  const { send } = await say(
    'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
  )
  const answer = await send()
  expect(answer.statusCode).toBe(200)
  expect(String(await wholeBody(answer.body))).toBe('ok')
})

it('takes no more of an answer than is read', async () => {
  const { send } = await serve((request, response) => {
    response.end(request.url === '/long' ? Buffer.alloc(16 * MIB, 'x') : 'short')
  }, 2)
  const { body } = await send({ path: '/long' })
  await once(body, 'readable')
  for (let n = 0; n < 20; n++) await wholeBody((await send({ path: '/short' })).body)
  expect(body.readableLength).toBeLessThan(MIB)
  expect(await wholeBody(body)).toHaveLength(16 * MIB)
})

it('ends the connection of an answer that is let go of, and nothing else', async () => {
  const { send, sockets } = await say('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nmore')
  const { body } = await send()
  body.destroy()
  await once(sockets[0] ?? body, 'close')
  expect(body.errored).toBe(null)
  expect((await send()).statusCode).toBe(200)
  expect(sockets).toHaveLength(2)
})

it('sends nothing under a signal that has come already', async () => {
  const { send, sockets } = await serve((_, response) => response.end())
  await expect(send({ signal: AbortSignal.abort() })).rejects.toThrow(/aborted/)
  expect(sockets).toEqual([])
})

it('is ended by its signal before and within the answer', async () => {
  const waiting = new AbortController()
  const { send, sockets } = await serve((request, response) => {
    if (request.url === '/answered') response.write('more')
    else waiting.abort()
  })
  await expect(send({ signal: waiting.signal })).rejects.toMatchObject({ name: 'AbortError' })

  const leaving = new AbortController()
  const { body } = await send({ path: '/answered', signal: leaving.signal })
  const read = wholeBody(body)
  leaving.abort()
  await expect(read).rejects.toMatchObject({ name: 'AbortError' })
  await expect.poll(() => sockets.map(({ destroyed }) => destroyed)).toEqual([true, true])
})

it('sends nothing when its signal comes before its connection', async () => {
  const asked: unknown[] = []
  const { send } = await serve((request, response) => {
    asked.push(request.url)
    response.end()
  })
  const leaving = new AbortController()
  const sent = send({ path: '/left', signal: leaving.signal })
  leaving.abort()
  await expect(sent).rejects.toMatchObject({ name: 'AbortError' })
  await wholeBody((await send({ path: '/next' })).body)
  expect(asked).toEqual(['/next'])
})

it('ends an answer by its signal that has come whole, and that nobody has read', async () => {
  const { send } = await serve((request, response) => {
    response.end(request.url === '/unread' ? Buffer.alloc(40_000) : 'read')
  }, 2)
  const leaving = new AbortController()
  const { body } = await send({ path: '/unread', signal: leaving.signal })
  await expect.poll(() => body.readableLength).toBe(40_000)
  leaving.abort()
  await expect(wholeBody(body)).rejects.toMatchObject({ name: 'AbortError' })
  expect(String(await wholeBody((await send()).body))).toBe('read')
})

it('leaves no listener on a signal that outlives it', async () => {
  const { send } = await serve((_, response) => response.end('done'))
  const { signal } = new AbortController()
  await wholeBody((await send({ signal })).body)
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

it('fails the body that breaks off, even when it came with its headers', async () => {
  const { send } = await say('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nmo', { thenLeave: true })
  const { body } = await send()
  await expect(wholeBody(body)).rejects.toThrow()
  expect(body.destroyed).toBe(true)
})

it('fails the body that is no HTTP any more behind headers in the same piece', async () => {
  const { send } = await say('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n')
  const { body } = await send()
  const closed = new Promise((resolve) => body.once('close', resolve))
  await expect(wholeBody(body)).rejects.toThrow()
  await closed
})

it('rejects where nobody answers', async () => {
  const { send } = await say('', { thenLeave: true })
  await expect(send()).rejects.toThrow()
  await expect(sendOver(await poolToNobody(), { method: 'GET', path: '/' })).rejects.toMatchObject(NOBODY)
})

it('leaves a request that it was to hand on so that it can be answered', async () => {
  const leaver = await open(createTcpServer((socket) => socket.once('data', () => socket.destroy())))
  const nobody = await poolToNobody()
  const ways = {
    '/nobody': (body: Readable) => sendOver(nobody, { method: 'POST', path: '/', body }),
    '/leaver': (body: Readable) => leaver.send({ method: 'POST', body }),
  }
  for (const [path, way] of Object.entries(ways)) {
    const front = await serve(async (request, response) => {
      const error: unknown = await way(request).catch((reason: unknown) => reason)
      response.writeHead(error instanceof Error ? 502 : 200).end()
    })
    for (const size of [9, 3 * MIB]) {
      const answer = await front.send({ method: 'POST', path, body: Buffer.alloc(size) })
      expect([path, size, answer.statusCode]).toEqual([path, size, 502])
      await wholeBody(answer.body)
    }
  }
})

it('rejects what is no request', async () => {
  const { send } = await serve((_, response) => response.end())
  await expect(send({ headers: { 'bad name': 'x' } })).rejects.toThrow(/header/)
})
