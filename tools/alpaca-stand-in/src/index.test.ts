import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { startStandIn } from './index.ts'
import { createClient } from './testing/client.ts'
import { twoFreePorts } from './testing/free-ports.ts'
import { openStream } from './testing/stream-client.ts'

it('serves live on the port after paper, and frees both', async () => {
  const port = await twoFreePorts()
  const standIn = await startStandIn({ port })
  expect(standIn.paper.url).toBe(`http://127.0.0.1:${port}`)
  expect(standIn.live.streamUrl).toBe(`ws://127.0.0.1:${port + 1}/stream`)
  const stream = await openStream(standIn.paper.streamUrl)
  await standIn.dispose()
  await stream.closed
  await (await startStandIn({ port })).dispose()
})

it('gives paper up again when live cannot be served', async () => {
  const port = await twoFreePorts()
  const other = createServer().listen(port + 1, '127.0.0.1')
  await once(other, 'listening')
  await expect(startStandIn({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  other.close()
  await (await startStandIn({ port })).dispose()
})

it('lets time pass when asked, and stands still otherwise', async () => {
  const now = new Date('2026-06-15T14:30:00Z')
  const [still, running] = await Promise.all([startStandIn({ now }), startStandIn({ now, isRunning: true })])
  const client = createClient(running, { keyId: 'PKFAKE1' })
  await client.account()
  expect(still.controls.clock({})).toEqual({ now: now.toISOString(), isRunning: false })
  const passed = running.controls.clock({ isRunning: false })
  expect(Date.parse(passed.now)).toBeGreaterThan(now.getTime())
  expect(running.controls.clock({})).toEqual(passed)
  await Promise.all([still.dispose(), running.dispose()])
})
