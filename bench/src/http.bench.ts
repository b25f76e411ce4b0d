import type { ChildProcess } from 'node:child_process'
import type { Dialect } from '../../server/src/platform/db/index.ts'
import { startScript } from './harness/measured-process.ts'
import { rateText, ratioText } from './harness/report.ts'
import { median, ratios } from './harness/stats.ts'
import { temporaryDatabases } from './harness/temporary-databases.ts'
import { type Section, type Settings, type Topic, WARM_UP_MS } from './harness/topic.ts'
import { versionsOf } from './harness/versions.ts'
import type { BetterAuthHello } from './http/better-auth-server.ts'
import { apiRequest, Connection } from './http/connection.ts'
import { measureLoad } from './http/load.ts'
import { createInstance } from './http/outcry-server.ts'
import { seedMembers } from './http/seed-members.ts'

const AT_LEAST = 0.3
const AT_LEAST_BESIDE_BETTER_AUTH = 8
const BETTER_AUTH_MEMBERS = 100
// Each account may send 300 requests a minute, and limits are on: many accounts take turns.
const MEMBERS = 3_000

/** A server with the requests that it is asked in turns. */
interface Side {
  readonly url: URL
  readonly requests: readonly Buffer[]
  readonly process?: ChildProcess
}

async function rest<Hello extends { url: string }>(
  script: string,
  argument: unknown,
  requestsOf: (hello: Hello) => readonly Buffer[],
): Promise<Side> {
  const { hello, process } = await startScript<Hello>(new URL(`./http/${script}`, import.meta.url), argument)
  return { url: new URL(hello.url), requests: requestsOf(hello), process }
}

const betterAuth = (path: string): Promise<Side> =>
  rest('better-auth-server.ts', { path, members: BETTER_AUTH_MEMBERS }, ({ cookies }: BetterAuthHello) =>
    cookies.map((cookie) =>
      Buffer.from(`GET /api/auth/get-session HTTP/1.1\r\nhost: localhost:4000\r\ncookie: ${cookie}\r\n\r\n`),
    ),
  )

async function bodyOf({ url, requests: [request = Buffer.alloc(0)] }: Side): Promise<unknown> {
  const connection = await Connection.open(url)
  const { body } = await connection.send(request)
  connection.close()
  return JSON.parse(body)
}

/** Requests per second of each side, round by round. */
async function measure(sides: readonly Side[], settings: Settings): Promise<number[][]> {
  const rates = sides.map((): number[] => [])
  for (const { url, requests } of sides) await measureLoad(url, requests, WARM_UP_MS)
  for (let round = 0; round < settings.rounds; round++) {
    for (const [at, { url, requests }] of sides.entries()) {
      rates[at]?.push(await measureLoad(url, requests, settings.sampleMs))
    }
  }
  return rates
}

async function race(dialect: Dialect, settings: Settings): Promise<string[][]> {
  await using cleanup = new AsyncDisposableStack()
  const databases = await temporaryDatabases(dialect)
  cleanup.defer(databases.dispose)
  const instance = await createInstance(await databases.empty(), (prepared, config) =>
    seedMembers(prepared, config, { count: MEMBERS }),
  )
  cleanup.defer(instance.dispose)
  const server = await instance.start()
  cleanup.defer(server.stop)
  const { host } = instance.config.publicUrl
  const ours: Side = {
    url: server.url,
    requests: instance.seeded.map((member) =>
      apiRequest(host, { method: 'GET', path: '/auth/me', token: member.issue().access_token }),
    ),
  }
  const bare = await rest('bare-server.ts', await bodyOf(ours), () => ours.requests)
  cleanup.defer(() => void bare.process?.kill())
  const location = await databases.empty()
  const other = location.kind === 'sqlite' ? await betterAuth(location.path) : undefined
  cleanup.defer(() => void other?.process?.kill())
  const rates = await measure([ours, bare, ...(other ? [other] : [])], settings)
  const [product = [], bareRates = [], otherRates] = rates
  const row = (name: string, theirs: number[]) => [
    dialect,
    name,
    rateText(median(theirs)),
    rateText(median(product)),
    ratioText(ratios(product, theirs)),
  ]
  return [row('bare Fastify', bareRates), ...(otherRates ? [row('better-auth', otherRates)] : [])]
}

/** The cost of everything around a signed-in read: token, session, account, limits, headers, metrics and log. */
export const topic: Topic = {
  title: 'A signed-in request',
  async run(settings): Promise<Section[]> {
    const rows = []
    for (const dialect of ['sqlite', 'postgres'] as const) rows.push(...(await race(dialect, settings)))
    return [
      {
        title: `GET /api/v1/auth/me beside bare Fastify (at least ${AT_LEAST.toFixed(2)}) and better-auth (at least ${AT_LEAST_BESIDE_BETTER_AUTH})`,
        notes: [
          'Ours: the whole application as bin/outcry starts it, with bearer token, session and account check, rate limits, security headers, metrics and a log line per request, for 3,000 members in turns.',
          'Bare Fastify: one route without hooks that returns the same JSON through the same response schema.',
          `better-auth (${versionsOf('better-auth')}): GET /api/auth/get-session through toNodeHandler on node:http, email and password plugin, session and user read from a SQLite file (better-sqlite3, WAL) at every request as we do, no cookie cache, no rate limits, no log, for ${BETTER_AUTH_MEMBERS} members in turns.`,
          'Requests per second over 32 connections, each server warmed up for 10 s; each is a process of its own, the load comes from a third, which never sleeps, so PostgreSQL and all three share the cores.',
        ],
        header: ['engine', 'beside', 'theirs', 'ours', 'ratio'],
        rows,
      },
    ]
  },
}
