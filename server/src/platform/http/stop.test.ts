import { once } from 'node:events'
import { connect } from 'node:net'
import { succeeded, success } from '@outcry/contract/conventions'
import { defineContract } from '@outcry/contract/endpoint'
import { describe, expect, it } from 'vitest'
import { bindRoutes, defineRoute } from './route.ts'
import { startTestServer } from './testing/test-server.ts'

const contract = defineContract({
  slow: { method: 'GET', path: '/slow', summary: 'Wait', responses: { 200: success }, errors: [] },
})

async function start() {
  const started = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const aborted = Promise.withResolvers<void>()
  const slow = defineRoute(contract.slow, {
    access: 'anyone',
    limit: 'default',
    async handle({ request }) {
      request.signal.addEventListener('abort', () => aborted.resolve())
      started.resolve()
      await release.promise
      return succeeded('Done.')
    },
  })
  return { ...(await startTestServer({ routes: bindRoutes({}, { slow }) })), started, release, aborted }
}

describe('stop', () => {
  it('R25: lets running requests finish, refuses new ones, and says so to probes first', async () => {
    const { address, server, get, started, release } = await start()
    const running = get('/api/v1/slow')
    await started.promise
    const stopping = server.stop({ noticeMs: 300 })
    expect((await get('/health/ready')).status).toBe(503)
    expect((await get('/health/live')).status).toBe(200)
    const refused = await get('/api/v1/slow')
    expect(refused.status).toBe(503)
    expect(refused.headers.get('connection')).toBe('close')
    expect(await refused.json()).toMatchObject({ code: 'http.unavailable' })
    release.resolve()
    expect((await running).status).toBe(200)
    await stopping
    await expect(fetch(address)).rejects.toThrow()
  })

  it('R25: waits for a request that outlasts the closing of the port', async () => {
    const { server, get, started, release } = await start()
    const running = get('/api/v1/slow')
    await started.promise
    const stopping = server.stop()
    release.resolve()
    expect((await running).status).toBe(200)
    await stopping
  })

  it('R25: cuts off what still runs when the time is over, and tells its handler', async () => {
    const { server, get, started, release, aborted } = await start()
    const running = get('/api/v1/slow').catch(() => 'cut off')
    await started.promise
    await server.stop({ drainMs: 50 })
    expect(await running).toBe('cut off')
    await aborted.promise
    release.resolve()
  })

  it('does not wait for idle connections, and may be called twice', async () => {
    const { address, server, release } = await start()
    release.resolve()
    const { hostname, port } = new URL(address)
    const idle = connect(Number(port), hostname)
    await once(idle, 'connect')
    idle.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(idle, 'data')
    const closed = once(idle.resume(), 'close')
    await Promise.all([server.stop(), server.stop()])
    await closed
  })
})
