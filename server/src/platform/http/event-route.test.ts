import { connect } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EventEndpoint } from '@outcry/contract/endpoint'
import { Type } from 'typebox'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openEvents } from '../../testing/event-reader.ts'
import { bindEventRoute, type EventCall, type EventStream } from './event-route.ts'
import type { EventStreamOptions } from './event-streams.ts'
import { httpErrors } from './http-errors.ts'
import { startTestServer } from './testing/test-server.ts'

const endpoint = {
  path: '/live',
  summary: 'Hear of things',
  events: { told: Type.Object({ word: Type.String() }), over: Type.Object({}) },
  errors: [],
} as const satisfies EventEndpoint

type Stream = EventStream<{ told: { word: string }; over: object }>
const PATH = '/api/v1/live'

/** A server with one stream of events; `streams` are those that were opened. */
async function startEvents(
  eventStreams: EventStreamOptions = {},
  check: (call: EventCall) => void = () => undefined,
) {
  const streams: Stream[] = []
  const calls: EventCall[] = []
  const route = bindEventRoute(
    { name: 'hear', endpoint, services: {} },
    {
      access: 'signed-in',
      limit: 'default',
      open(call) {
        check(call)
        calls.push(call)
        return (stream) => void streams.push(stream)
      },
    },
  )
  const server = await startTestServer({ eventRoutes: [route], eventStreams })
  const actor = { role: 'user', status: 'active', sessionId: 's' }
  for (const id of ['ann', 'ben']) server.actors.set(id, { id, ...actor })
  server.actors.set('banned', { id: 'b', ...actor, status: 'banned' })
  server.actors.set('program', { id: 'p', role: 'user', status: 'active', scopes: ['mine:read'] })
  const open = (token = 'ann', headers = {}) => openEvents(server.address + PATH, { token, headers })
  const last = () => {
    const stream = streams.at(-1)
    if (!stream) throw new Error('No stream is open.')
    return stream
  }
  /** A connection that asks for the stream and reads nothing of it. */
  const openUnread = async (token = 'ann') => {
    const { hostname, port } = new URL(server.address)
    const socket = connect(Number(port), hostname).pause()
    onTestFinished(() => void socket.destroy())
    const before = streams.length
    socket.on('error', () => undefined)
    socket.write(`GET ${PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`)
    await expect.poll(() => streams.length).toBe(before + 1)
    return last()
  }
  return { ...server, streams, calls, open, openUnread, last }
}

/** Sends until nothing more fits between here and a reader who does not read. */
async function fill(stream: Stream, word: string): Promise<void> {
  while (!stream.ended.aborted) {
    stream.send('told', { word })
    await nextTurn()
  }
}

describe('a stream of events', () => {
  it.each([
    ['nobody', undefined, 401],
    ['a token that is none', 'nonsense', 401],
    ['an account that is banned', 'banned', 403],
    ['a personal access token', 'program', 403],
  ])('does not open for %s', async (...[, token, status]) => {
    const { get, calls } = await startEvents()
    const answer = await get(PATH, token === undefined ? {} : { authorization: `Bearer ${token}` })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      status,
      'application/problem+json; charset=utf-8',
    ])
    expect(calls).toEqual([])
  })

  it('opens with the headers of every answer, kept by nobody, and says when to come back', async () => {
    const { open, get } = await startEvents()
    const { response, text, events } = await open()
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('x-accel-buffering')).toBe('no')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('x-request-id')).toMatch(/./)
    await expect.poll(text).toMatch(/^retry: [2-5]\d{3}\n\n$/)
    expect(events).toEqual([])
    expect((await get('/health/live')).status).toBe(200)
  })

  it('answers HEAD with its headers alone', async () => {
    const { address, streams } = await startEvents()
    const answer = await fetch(address + PATH, { method: 'HEAD', headers: { authorization: 'Bearer ann' } })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    expect(streams).toEqual([])
  })

  it('hands events on with ids that rise, and nothing that they do not declare', async () => {
    const { open, last } = await startEvents()
    const reader = await open()
    const secret = { word: 'two\n\nlines', token: 'hidden' }
    last().send('told', { word: 'ä' })
    last().send('told', secret)
    last().send('over', { token: 'hidden' })
    await expect
      .poll(() => reader.events)
      .toEqual([
        { id: '1', name: 'told', data: { word: 'ä' } },
        { id: '2', name: 'told', data: { word: 'two\n\nlines' } },
        { id: '3', name: 'over', data: {} },
      ])
    expect(reader.text()).not.toContain('hidden')
  })

  it.each([
    ['41', '42', true],
    ['nonsense', '1', true],
    ['9'.repeat(30), '1', true],
    [undefined, '1', false],
  ])('goes on from the last event that was seen, %s', async (seen, next, isResumed) => {
    const { open, last, calls } = await startEvents()
    const reader = await open('ann', seen === undefined ? {} : { 'last-event-id': seen })
    expect(calls[0]?.isResumed).toBe(isResumed)
    last().send('over', {})
    await expect.poll(() => reader.events).toEqual([{ id: next, name: 'over', data: {} }])
  })

  it('answers a refusal of its handler as a problem', async () => {
    const { get } = await startEvents({}, () => {
      throw httpErrors.forbidden()
    })
    const answer = await get(PATH, { authorization: 'Bearer ann' })
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([403, 'http.forbidden'])
  })

  it('shows that it lives by comments', async () => {
    const { open } = await startEvents({ heartbeatMs: 10 })
    const reader = await open()
    await expect.poll(reader.text).toContain('\n:\n\n:\n\n')
    expect(reader.events).toEqual([])
  })

  it('ends after what was sent, and says nothing afterwards', async () => {
    const { open, last } = await startEvents()
    const reader = await open()
    last().send('told', { word: 'last' })
    last().end()
    last().end()
    last().send('told', { word: 'too late' })
    await reader.ended
    expect(reader.events).toEqual([{ id: '1', name: 'told', data: { word: 'last' } }])
    expect(last().ended.aborted).toBe(true)
  })

  it('tells its feeder when the client goes away', async () => {
    const { open, last } = await startEvents()
    const reader = await open()
    expect(last().ended.aborted).toBe(false)
    reader.close()
    await expect.poll(() => last().ended.aborted).toBe(true)
    expect(() => last().send('over', {})).not.toThrow()
  })

  it('makes room for the latest of an account, and asks the oldest to come back later', async () => {
    const { open, streams } = await startEvents({ perAccount: 3 })
    const others = await open('ben')
    const first = await open()
    const kept = [await open(), await open(), await open()]
    await first.ended
    expect(first.text()).toMatch(/\nretry: 60000\n\n$/)
    expect(streams.map(({ ended }) => ended.aborted)).toEqual([false, true, false, false, false])
    for (const stream of streams) stream.send('over', {})
    for (const reader of [others, ...kept]) await expect.poll(reader.names).toEqual(['over'])
    kept[0]?.close()
    await expect.poll(() => streams[2]?.ended.aborted).toBe(true)
    await open()
    expect(streams.map(({ ended }) => ended.aborted)).toEqual([false, true, true, false, false, false])
  })

  it('cuts off a reader who does not keep up, and nobody else', async () => {
    const { open, openUnread, last } = await startEvents({ bufferBytes: 64 * 1_024 })
    const slow = await openUnread('ben')
    const reader = await open()
    const mine = last()
    await fill(slow, 'x'.repeat(16 * 1_024))
    mine.send('over', {})
    await expect.poll(reader.names).toEqual(['over'])
    expect(mine.ended.aborted).toBe(false)
  })

  it('ends when the server stops, and does not hold it up', async () => {
    const { open, openUnread, server } = await startEvents({ bufferBytes: 2 ** 30 })
    const readers = [await open(), await open('ben')]
    const unread = await openUnread('ben')
    const before = performance.now()
    for (let sent = 0; sent < 200; sent++) unread.send('told', { word: 'x'.repeat(100_000) })
    await server.stop()
    await Promise.all(readers.map(({ ended }) => ended))
    expect(unread.ended.aborted).toBe(true)
    expect(performance.now() - before).toBeLessThan(10_000)
  })

  it('is described with what it tells', async () => {
    const { get } = await startEvents()
    const document = (await (await get('/api/openapi.json')).json()) as {
      paths: Record<string, Record<string, Record<string, unknown>>>
    }
    const { get: operation, ...others } = document.paths[PATH] ?? {}
    expect(others).toEqual({})
    expect(operation).toMatchObject({
      operationId: 'hear',
      'x-access': 'signed-in',
      'x-events': { told: { properties: { word: { type: 'string' } } }, over: { type: 'object' } },
      responses: { 200: { content: { 'text/event-stream': { schema: { type: 'string' } } } } },
    })
    expect(await (await get('/api/docs')).text()).toContain('<dt>told</dt>')
  })
})
