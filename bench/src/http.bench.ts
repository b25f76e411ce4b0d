import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseLocation, Dialect } from '../../server/src/platform/db/index.ts'
import { rateText, ratioText } from './harness/report.ts'
import { median, ratios } from './harness/stats.ts'
import { temporaryDatabases } from './harness/temporary-databases.ts'
import type { Section, Settings, Topic } from './harness/topic.ts'
import { measureLoad } from './http/load.ts'

const AT_LEAST = 0.3
const WARM_UP_MS = 1_500
const FLAGS = ['--disable-sigusr1'] // as bin/outcry starts it

interface Server {
  readonly url: URL
  readonly tokens: readonly string[]
  readonly process: ChildProcess
}

interface Hello {
  readonly url: string
  readonly tokens: readonly string[]
}

async function start(script: string, argument: unknown): Promise<Server> {
  const path = new URL(`./http/${script}`, import.meta.url).pathname
  const child = spawn(process.execPath, [...FLAGS, path, JSON.stringify(argument)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const [hello]: Hello[] = await once(child, 'message')
  if (!hello) throw new Error(`${script} did not start.`)
  return { url: new URL(hello.url), tokens: hello.tokens, process: child }
}

function request(token: string): Buffer {
  return Buffer.from(
    `GET /api/v1/auth/me HTTP/1.1\r\nhost: localhost:4000\r\nauthorization: Bearer ${token}\r\n\r\n`,
  )
}

function settingsFor(location: DatabaseLocation, folder: string): Record<string, string> {
  const common = { OUTCRY_DATA_DIR: folder, OUTCRY_PUBLIC_URL: 'http://localhost:4000' }
  if (location.kind === 'sqlite') return { ...common, OUTCRY_DATABASE_URL: `sqlite:${location.path}` }
  return { ...common, OUTCRY_DATABASE_URL: location.url, OUTCRY_DATABASE_ADMIN_URL: location.adminUrl ?? '' }
}

async function race(dialect: Dialect, settings: Settings): Promise<string[]> {
  const databases = await temporaryDatabases(dialect)
  const folder = await mkdtemp(join(tmpdir(), 'outcry-bench-http-'))
  const servers: Server[] = []
  try {
    const ours = await start('product-server.ts', settingsFor(await databases.empty(), folder))
    servers.push(ours)
    const requests = ours.tokens.map(request)
    const me = await fetch(new URL('/api/v1/auth/me', ours.url), {
      headers: { authorization: `Bearer ${ours.tokens[0]}`, host: 'localhost:4000' },
    })
    const bare = await start('bare-server.ts', await me.json())
    servers.push(bare)
    const rates = { ours: [] as number[], bare: [] as number[] }
    await measureLoad(ours.url, requests, WARM_UP_MS)
    await measureLoad(bare.url, requests, WARM_UP_MS)
    for (let round = 0; round < settings.rounds; round++) {
      rates.bare.push(await measureLoad(bare.url, requests, settings.sampleMs))
      rates.ours.push(await measureLoad(ours.url, requests, settings.sampleMs))
    }
    return [
      dialect,
      rateText(median(rates.bare)),
      rateText(median(rates.ours)),
      ratioText(ratios(rates.ours, rates.bare)),
    ]
  } finally {
    for (const server of servers) server.process.kill()
    await databases.dispose()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The cost of everything around a signed-in read: token, session, account, limits, headers, metrics and log. */
export const topic: Topic = {
  title: 'A signed-in request',
  async run(settings): Promise<Section[]> {
    const rows = []
    for (const dialect of ['sqlite', 'postgres'] as const) rows.push(await race(dialect, settings))
    return [
      {
        title: `GET /api/v1/auth/me beside bare Fastify (at least ${AT_LEAST.toFixed(2)})`,
        notes: [
          'Bare: one Fastify route without hooks that returns the same JSON through the same response schema.',
          'Ours: the whole application with bearer token, session and account check, rate limits, security headers, metrics and a log line per request, for 3,000 members in turns.',
          'Requests per second over 32 connections; each server is a process of its own, the load comes from a third, so PostgreSQL and all three share the cores.',
        ],
        header: ['engine', 'bare', 'ours', 'ratio'],
        rows,
      },
    ]
  },
}
