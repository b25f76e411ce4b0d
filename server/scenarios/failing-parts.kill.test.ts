import { describe, expect, it, onTestFinished } from 'vitest'
import { auditFaultOf } from '../src/testing/audit-entries.ts'
import { startBrokerDouble } from '../src/testing/broker-double.ts'
import { vaultPid } from '../src/testing/crash/key-uses.ts'
import { startServer } from '../src/testing/crash/server-process.ts'
import { isSuccess, steadyClients } from '../src/testing/crash/steady-clients.ts'
import {
  addSteadyLoad,
  expectExactEffects,
  STEADY_SETTINGS,
  steadyMember,
} from '../src/testing/crash/steady-load.ts'
import { openRowReader } from '../src/testing/fuzz/row-snapshot.ts'
import { commandInstance } from '../src/testing/run-command.ts'

type Dialect = 'sqlite' | 'postgres'

const ENOUGH = 3
const FAILURES = 2
const PATIENCE = { timeout: 20_000, interval: 10 }

/** Loaded into the server before its program, as the system's way to load something: the program has no such door. */
const FAULTS = `data:text/javascript,${encodeURIComponent(`
  process.on('SIGUSR2', () => void Promise.reject(new Error('nobody hears this')))
  process.on('SIGWINCH', () => setImmediate(() => { throw new Error('nobody catches this') }))
`)}`

async function servingInstance(dialect: Dialect) {
  const broker = await startBrokerDouble()
  onTestFinished(() => broker[Symbol.asyncDispose]())
  const bare = await commandInstance(dialect)
  const further = { OUTCRY_ALPACA_PAPER_URL: broker.url.href, NODE_OPTIONS: `--import=${FAULTS}` }
  const instance = { ...bare, env: { ...bare.env, ...STEADY_SETTINGS, ...further } }
  const server = startServer(instance)
  const { url } = await server.ready
  const clients = steadyClients(url)
  onTestFinished(() => clients.end())
  const load = addSteadyLoad(clients, await steadyMember(instance, url))
  /** Waits until what each client was answered is as wanted, from now on. */
  const each = (isDone: (statuses: readonly number[]) => boolean) => {
    const mark = clients.mark()
    const lagging = () => [...clients.since(mark)].filter(([, statuses]) => !isDone(statuses))
    return expect.poll(lagging, PATIENCE).toEqual([])
  }
  return { instance, broker, server, clients, load, each }
}

const enough = (statuses: readonly number[]) => statuses.filter(isSuccess).length >= ENOUGH

type Serving = Awaited<ReturnType<typeof servingInstance>>

async function expectExact({ instance, broker, load }: Serving) {
  await using rows = await openRowReader(instance)
  const received = broker.received.map(({ url }) => url)
  await expectExactEffects({ load, received, rowsOf: rows.rows })
  expect(await auditFaultOf(instance)).toBeUndefined()
}

describe.each<Dialect>(['sqlite', 'postgres'])('a server with a failing part on %s', (dialect) => {
  it('R22: serves on after a promise that fails unheard and without its vault, ends at an exception, and its effects are exact', async () => {
    const serving = await servingInstance(dialect)
    const { server, clients, each } = serving
    await each(enough)
    for (let i = 0; i < FAILURES; i++) {
      process.kill(server.pid, 'SIGUSR2')
      await each(enough)
    }
    expect(new Set([...clients.answered.values()].flat())).toEqual(new Set([200, 201]))

    for (let i = 0; i < FAILURES; i++) {
      const pid = vaultPid(server.pid)
      if (pid === undefined) throw new Error('There is no vault process.')
      process.kill(pid, 'SIGKILL')
      await each(enough)
    }
    for (const [name, statuses] of clients.answered)
      if (!name.startsWith('trade')) expect(statuses.filter((status) => !isSuccess(status))).toEqual([])
    expect(new Set([...clients.answered.values()].flat())).toEqual(new Set([200, 201, 503]))

    process.kill(server.pid, 'SIGWINCH')
    const { code, out, err } = await server.ended
    await clients.end()
    expect({ code, err }).toEqual({ code: 1, err: '' })
    expect(out.match(/Something failed that nobody waited for/g)).toHaveLength(FAILURES)
    expect(out).toMatch(/"level":"fatal".*nobody catches this/)
    await expectExact(serving)
  })
})
