import { succeeded, success } from '@outcry/contract/conventions'
import { defineContract } from '@outcry/contract/endpoint'
import { describe, expect, it } from 'vitest'
import { createMetrics } from '../../metrics/metrics.ts'
import { bindRoutes, defineRoute } from '../route.ts'
import { sendRaw, statusOf } from '../testing/raw-request.ts'
import { startTestServer } from '../testing/test-server.ts'
import type { OverloadOptions } from './overload.ts'

/** Every look at the clock finds the turn over that it does not begin, and whoever waited too late. */
function hurried(): OverloadOptions {
  let nowMs = 0
  return { now: () => (nowMs += 20), turnMs: 10, waitMs: 0, rushMs: 0 }
}

const request = (line: string, ...headers: string[]) =>
  `${[`${line} HTTP/1.1`, 'Host: localhost', ...headers].join('\r\n')}\r\n\r\n`

/** The answers to requests that arrive in one piece on one connection. */
async function sendTogether(address: string, requests: readonly string[]): Promise<string[]> {
  const last = request('GET /health/live', 'Connection: close')
  const text = await sendRaw(address, requests.join('') + last)
  return text.split(/(?=HTTP\/1\.1 \d{3})/)
}

const contract = defineContract({
  signIn: { method: 'POST', path: '/sign-in', summary: 'Sign in', responses: { 200: success }, errors: [] },
  goOn: { method: 'POST', path: '/go-on', summary: 'Go on', responses: { 200: success }, errors: [] },
  look: { method: 'GET', path: '/look', summary: 'Look', responses: { 200: success }, errors: [] },
})

function countingRoutes(seen: string[]) {
  const note = (name: string) => () => {
    seen.push(name)
    return succeeded('Done.')
  }
  return bindRoutes(undefined, {
    signIn: defineRoute(contract.signIn, { access: 'anyone', limit: 'default', handle: note('sign-in') }),
    goOn: defineRoute(contract.goOn, {
      access: 'anyone',
      limit: 'default',
      keepsSession: true,
      handle: note('go-on'),
    }),
    look: defineRoute(contract.look, { access: 'optional', limit: 'default', handle: note('look') }),
  })
}

describe('an overloaded server', () => {
  it('R11: turns away whom it has no time for, before anything is done for them, and goes on', async () => {
    const seen: string[] = []
    const metrics = createMetrics({ process: false })
    const { address, logged, get } = await startTestServer({
      overload: hurried(),
      routes: countingRoutes(seen),
      metrics,
    })
    const all = Array.from({ length: 6 }, () => request('GET /api/v1/look'))
    const answers = await sendTogether(address, all)
    expect(answers.map(statusOf)).toEqual([200, 200, ...Array.from({ length: 4 }, () => 503), 200])
    expect(seen).toEqual(['look', 'look'])
    expect((await get('/api/v1/look')).status).toBe(200)
    expect(
      logged().filter(({ message }) => message === 'The server is overloaded and turned requests away.'),
    ).toEqual([expect.objectContaining({ level: 'warn' })])
    expect(await metrics.registry.metrics()).toContain('http_requests_turned_away_total{rank="last"} 4')
  })

  it('answers them like every refusal: a problem, when to come back, an id and the headers of every answer', async () => {
    const { address } = await startTestServer({
      overload: hurried(),
      allowedOrigins: ['https://partner.test'],
    })
    const all = Array.from({ length: 3 }, () => request('GET /api/v1/things', 'Origin: https://partner.test'))
    const refused = (await sendTogether(address, all))[2] ?? ''
    expect(statusOf(refused)).toBe(503)
    const [head = '', body = ''] = refused.split('\r\n\r\n')
    const [, id] = /\r\nx-request-id: ([0-9a-f-]{36})/.exec(head) ?? []
    expect(JSON.parse(body)).toEqual({
      type: 'urn:outcry:problem:http.unavailable',
      title: 'Unavailable',
      status: 503,
      detail: 'The service is busy or stopping; try again in a moment.',
      instance: id,
      code: 'http.unavailable',
    })
    for (const line of [
      'retry-after: 2',
      'content-type: application/problem+json; charset=utf-8',
      'access-control-allow-origin: https://partner.test',
      'cache-control: no-store',
      'x-content-type-options: nosniff',
      'strict-transport-security: max-age=63072000; includeSubDomains',
    ])
      expect(head).toContain(`\r\n${line}`)
  })

  it('R11: serves whoever shows a credential or goes on with a session before sign-ins and visitors', async () => {
    const seen: string[] = []
    const { address, actors } = await startTestServer({
      overload: { ...hurried(), waitMs: 1_000_000 },
      routes: countingRoutes(seen),
    })
    actors.set('t', { id: 'account-1', role: 'user', status: 'active' })
    const bearer = 'Authorization: Bearer t'
    const answers = await sendTogether(address, [
      request('GET /api/v1/look'),
      request('POST /api/v1/sign-in', bearer),
      request('GET /api/v1/look'),
      request('GET /api/v1/look', bearer),
      request('POST /api/v1/go-on'),
    ])
    expect(answers.map(statusOf)).toEqual([200, 200, 200, 200, 200, 200])
    expect(seen).toEqual(['look', 'look', 'go-on', 'sign-in', 'look'])
  })

  it('never keeps a probe or the metrics waiting', async () => {
    const { address } = await startTestServer({
      overload: hurried(),
      metrics: createMetrics({ process: false }),
    })
    const all = [
      '/api/v1/things',
      '/health/live',
      '/health/ready',
      '/metrics',
      '/api/v1/things',
      '/health/ready',
    ]
    const answers = await sendTogether(
      address,
      [...all, '/health/other'].map((path) => request(`GET ${path}`)),
    )
    expect(answers.map(statusOf)).toEqual([200, 200, 200, 200, 200, 200, 503, 200])
  })
})
