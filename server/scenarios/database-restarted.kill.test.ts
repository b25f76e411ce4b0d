import { setTimeout as wait } from 'node:timers/promises'
import { expect, it, onTestFinished, vi } from 'vitest'
import { auditFaultOf } from '../src/testing/audit-entries.ts'
import { startBrokerDouble } from '../src/testing/broker-double.ts'
import { ask } from '../src/testing/crash/api-client.ts'
import { startServer } from '../src/testing/crash/server-process.ts'
import { isSuccess, steadyClients } from '../src/testing/crash/steady-clients.ts'
import {
  addSteadyLoad,
  expectExactEffects,
  STEADY_SETTINGS,
  steadyMember,
} from '../src/testing/crash/steady-load.ts'
import { onPostgresAt } from '../src/testing/postgres-client.ts'
import { createTestRoles } from '../src/testing/postgres-roles.ts'
import { startPostgresServer } from '../src/testing/postgres-server.ts'
import { instanceOn } from '../src/testing/run-command.ts'

const TOKENS = 15
const ENOUGH = 5
const LEEWAY = 2 // of the promised times: other tests share the machine
const PATIENCE = { timeout: 15_000, interval: 10 }

/** An instance on a PostgreSQL that nobody else uses. */
async function instanceAlone() {
  const cluster = await startPostgresServer()
  onTestFinished(() => cluster.stop())
  const { adminUrl, migratorUrl, appUrl } = await createTestRoles(cluster.adminUrl)
  const within = (url: string) => Object.assign(new URL(url), { pathname: '/outcry' }).href
  const query = (url: string, text: string) =>
    onPostgresAt(url, (client) => client.query<Record<string, unknown>>(text))
  await query(migratorUrl, 'create database outcry')
  const broker = await startBrokerDouble()
  onTestFinished(() => broker[Symbol.asyncDispose]())
  const bare = await instanceOn({ kind: 'postgres', url: within(appUrl), adminUrl: within(migratorUrl) })
  const env = { ...bare.env, ...STEADY_SETTINGS, OUTCRY_ALPACA_PAPER_URL: broker.url.href }
  const rowsOf = async (text: string) => (await query(within(adminUrl), text)).rows
  return { cluster, broker, instance: { ...bare, env }, rowsOf }
}

type Alone = Awaited<ReturnType<typeof instanceAlone>>

/**
 * Asks for tokens by the same request again, as a client may that has a key for it, until each is there or counts as begun
 * and not ended; gives those that are there.
 */
async function deliverTokens(url: string, session: string, names: readonly string[]): Promise<string[]> {
  const deliver = async (name: string) => {
    const body = { name, scopes: ['account:read'] }
    const request = { path: '/auth/tokens', token: session, body, idempotencyKey: `for-${name}` }
    for (;;) {
      const answer = await ask(url, request)
      if (answer?.status === 201) return [name]
      if (answer?.status === 409) return []
      if (answer?.status !== 503) throw new Error(`A token was answered ${JSON.stringify(answer)}.`)
      await wait(20)
    }
  }
  return (await Promise.all(names.map(deliver))).flat()
}

const tokensIn = async (rowsOf: Alone['rowsOf']) =>
  (await rowsOf(`select name from personal_access_tokens where name like 'token-%'`))
    .map(({ name }) => String(name))
    .sort()
const readiness = async (url: string) => (await fetch(`${url}/health/ready`)).status

it('R7: a server whose PostgreSQL fails says 503 at once, serves again soon after, and has done nothing twice', async () => {
  const alone = await instanceAlone()
  const { cluster, broker, instance, rowsOf } = alone
  const server = startServer(instance)
  const { url } = await server.ready
  const who = await steadyMember(instance, url)
  const clients = steadyClients(url)
  onTestFinished(() => clients.end())
  const load = addSteadyLoad(clients, who)
  const each = (isDone: (statuses: readonly number[]) => boolean, mark: ReadonlyMap<string, number>) =>
    expect
      .poll(() => [...clients.since(mark)].filter(([, statuses]) => !isDone(statuses)), PATIENCE)
      .toEqual([])
  const enough = (statuses: readonly number[]) => statuses.filter(isSuccess).length >= ENOUGH
  await each(enough, clients.mark())

  const names = Array.from({ length: 2 * TOKENS }, (_, i) => `token-${i}`)
  const first = deliverTokens(url, who.session, names.slice(0, TOKENS))
  await vi.waitUntil(async () => (await tokensIn(rowsOf)).length > 0, PATIENCE)
  await cluster.fail()
  const down = clients.mark()
  const second = deliverTokens(url, who.session, names.slice(TOKENS))
  expect(await readiness(url)).toBe(503)
  await each((statuses) => statuses.filter((status) => status === 503).length >= ENOUGH, down)
  const whileDown = new Set([...clients.since(down)].flatMap(([, statuses]) => statuses.slice(1))) // the first was on its way
  expect([...whileDown]).toEqual([503])
  expect((await fetch(`${url}/health/live`)).status).toBe(200)

  await cluster.startAgain()
  const backAt = performance.now()
  await each((statuses) => isSuccess(statuses.at(-1)), clients.mark())
  await vi.waitUntil(async () => (await readiness(url)) === 200, PATIENCE)
  expect(performance.now() - backAt).toBeLessThan(LEEWAY * 5_000)
  const back = clients.mark()
  await each((statuses) => statuses.length >= ENOUGH, back)
  const afterwards = [...clients.since(back).values()].flat()
  expect(afterwards.filter((status) => !isSuccess(status))).toEqual([])
  const delivered = [...(await first), ...(await second)]
  expect(delivered).toEqual(expect.arrayContaining(names.slice(TOKENS)))
  await clients.end()
  const seen = new Set([...clients.answered.values()].flat())
  expect([...seen].sort()).toEqual([200, 201, 503])
  expect(clients.slowestRefusal.ms).toBeLessThan(LEEWAY * 2_000)
  expect(await server.end('SIGTERM')).toMatchObject({ code: 0, err: '' })

  expect(await tokensIn(rowsOf)).toEqual(delivered.toSorted())
  await expectExactEffects({ load, received: broker.received.map(({ url }) => url), rowsOf })
  expect(await auditFaultOf(instance)).toBeUndefined()
})
