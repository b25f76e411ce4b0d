import { describe, expect, it } from 'vitest'
import { createMetrics } from '../metrics/metrics.ts'
import { startTestServer } from './testing/test-server.ts'

describe('probes', () => {
  it('says live whatever the checks say, and ready only when all are well', async () => {
    const state = { isWell: true }
    const check = async () => {
      if (!state.isWell) throw new Error('connect ECONNREFUSED 10.0.0.5')
    }
    const { get } = await startTestServer({ readiness: [{ name: 'database', check }] })
    const ready = await get('/health/ready')
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ok', checks: { database: 'ok' } }])
    state.isWell = false
    const failing = await get('/health/ready')
    expect([failing.status, await failing.json()]).toEqual([
      503,
      { status: 'failing', checks: { database: 'failed' } },
    ])
    expect((await get('/health/live')).status).toBe(200)
  })

  it('gives a check that hangs two seconds', async () => {
    const { get } = await startTestServer({
      readiness: [{ name: 'stuck', check: () => new Promise(() => {}) }],
    })
    expect((await get('/health/ready')).status).toBe(503)
  })

  it('C82: shows metrics on loopback, counted by route pattern', async () => {
    const { get } = await startTestServer({ metrics: createMetrics() })
    await get('/api/v1/things/nonsense')
    const text = await (await get('/metrics')).text()
    expect(text).toContain(
      'http_request_duration_seconds_count{method="GET",route="/api/v1/things/{id}",status="404"} 1',
    )
    expect(text).toContain('nodejs_eventloop_lag_seconds')
    expect(text).not.toContain('nonsense')
  })

  it('C82: hides metrics from everyone else', async () => {
    const proxied = await startTestServer({
      metrics: createMetrics({ process: false }),
      trustedProxies: ['127.0.0.1'],
    })
    expect((await proxied.get('/metrics', { 'x-forwarded-for': '198.51.100.7' })).status).toBe(404)
    const undeclared = await startTestServer({ metrics: createMetrics({ process: false }) })
    expect((await undeclared.get('/metrics', { 'x-forwarded-for': '198.51.100.7' })).status).toBe(404)
  })

  it('C82: shows metrics to the token when there is one, and then not to loopback without', async () => {
    const { get } = await startTestServer({
      metrics: createMetrics({ process: false }),
      metricsToken: 'm-token',
    })
    expect((await get('/metrics')).status).toBe(404)
    expect((await get('/metrics', { authorization: 'Bearer wrong' })).status).toBe(404)
    expect((await get('/metrics', { authorization: 'Bearer m-token' })).status).toBe(200)
  })

  it.each(['/health/live', '/health/ready', '/metrics', '/api/docs', '/api/openapi.json'])(
    'answers HEAD at %s as it answers GET, without the body',
    async (path) => {
      const { get, address } = await startTestServer({
        metrics: createMetrics({ process: false }),
        readiness: [{ name: 'stopped', check: () => Promise.reject(new Error('stopped')) }],
      })
      const [whole, head] = [await get(path), await fetch(address + path, { method: 'HEAD' })]
      expect([head.status, await head.text()]).toEqual([whole.status, ''])
      for (const name of ['content-type', 'cache-control'])
        expect(head.headers.get(name)).toBe(whole.headers.get(name))
    },
  )
})
