import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { answerConnectionErrors } from './connection-errors.ts'
import { createListener } from './listener.ts'
import { sendRaw, statusOf } from './testing/raw-request.ts'
import { startTestServer } from './testing/test-server.ts'

function open(address: string) {
  const { hostname, port } = new URL(address)
  return connect(Number(port), hostname).on('error', () => {})
}

describe('the listener', () => {
  it('C41: answers 431 to headers over 16 KiB, in one header or in many', async () => {
    const { address } = await startTestServer()
    const head = 'GET /api/v1/things HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n'
    expect(statusOf(await sendRaw(address, `${head}X-A: ${'a'.repeat(8_000)}\r\n\r\n`))).toBe(200)
    const large = await sendRaw(address, `${head}X-A: ${'a'.repeat(17_000)}\r\n\r\n`)
    expect(statusOf(large)).toBe(431)
    expect(large).toContain('http.headers_too_large')
    const many = Array.from({ length: 900 }, (_, i) => `X-${i}: ${'a'.repeat(12)}\r\n`).join('')
    expect(statusOf(await sendRaw(address, `${head}${many}\r\n`))).toBe(431)
  })

  it('R13: answers 408 and closes when a head or a body comes too slowly', async () => {
    const { address } = await startTestServer({
      connections: { headersTimeoutMs: 200, requestTimeoutMs: 400 },
    })
    expect(statusOf(await sendRaw(address, 'GET /api/v1/things HTTP/1.1\r\nHost: loc'))).toBe(408)
    const slowBody =
      'POST /api/v1/things HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"name"'
    expect(statusOf(await sendRaw(address, slowBody))).toBe(408)
  })

  it('R13: answers many whose time is over together a few at a time, and all of them', async () => {
    const server = createListener(
      { headersTimeoutMs: 200 },
      () => false,
      () => undefined,
    )
    answerConnectionErrors(server, {})
    const isAnswered = new Map<Socket, boolean>() // in the turn in which its time was found to be over
    server.on('clientError', (_error, socket: Socket) => {
      if (!isAnswered.has(socket)) isAnswered.set(socket, socket.writableEnded)
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const sent = Array.from({ length: 100 }, () => sendRaw(`http://127.0.0.1:${port}`, 'GET / HTT'))
    const statuses = (await Promise.all(sent)).map(statusOf)
    expect(new Set(statuses)).toEqual(new Set([408]))
    expect([...isAnswered.values()]).toEqual(statuses.map(() => false))
  })

  it('R13: refuses a connection too many of one address and takes it again when one has closed', async () => {
    const { address } = await startTestServer({ connections: { perAddress: 3 } })
    const held = [open(address), open(address), open(address)]
    await Promise.all(held.map((socket) => once(socket, 'connect')))
    const extra = open(address)
    await once(extra, 'close')
    const [first] = held
    first?.end('GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n').resume()
    if (first) await once(first, 'close')
    expect(
      statusOf(
        await sendRaw(address, 'GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'),
      ),
    ).toBe(200)
    for (const socket of held) socket.destroy()
  })

  it('does not count the connections of a trusted proxy', async () => {
    const { address } = await startTestServer({
      connections: { perAddress: 1 },
      trustedProxies: ['127.0.0.1'],
    })
    const held = [open(address), open(address)]
    await Promise.all(held.map((socket) => once(socket, 'connect')))
    expect(
      statusOf(
        await sendRaw(address, 'GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'),
      ),
    ).toBe(200)
    for (const socket of held) socket.destroy()
  })

  it('answers an unknown Expect with a problem', async () => {
    const { address } = await startTestServer()
    const answer = await sendRaw(
      address,
      'GET /api/v1/things HTTP/1.1\r\nHost: localhost\r\nExpect: tea\r\nConnection: close\r\n\r\n',
    )
    expect(statusOf(answer)).toBe(417)
    expect(answer).toContain('application/problem+json')
    expect(answer).toContain('http.expectation_failed')
  })

  it('answers what is not HTTP with a problem and closes', async () => {
    const { address } = await startTestServer()
    for (const bytes of [
      Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]),
      'hello\r\n\r\n',
      'GET / HTTP/1.1\r\nbad header\r\n\r\n',
    ]) {
      const answer = await sendRaw(address, bytes)
      expect([400, 405]).toContain(statusOf(answer))
      expect(answer).toContain('application/problem+json')
    }
  })
})
