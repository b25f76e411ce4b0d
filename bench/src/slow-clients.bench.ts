import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import type { Dialect } from '../../server/src/platform/db/index.ts'
import { startScript } from './harness/measured-process.ts'
import { ratioText, spreadText } from './harness/report.ts'
import { quantile, ratios, spreadOf } from './harness/stats.ts'
import { temporaryDatabases } from './harness/temporary-databases.ts'
import { type Section, type Settings, type Topic, WARM_UP_MS } from './harness/topic.ts'
import { apiRequest, type Connection, withConnections } from './http/connection.ts'
import { createInstance } from './http/outcry-server.ts'
import { seedMembers } from './http/seed-members.ts'
import type { HalfOpenClients } from './slow-clients/half-open-clients.ts'

const HALF_OPEN = 5_000
const AT_MOST = 2
const MEMBERS = 3_000 // each may send 300 requests a minute, and limits are on
const PER_SECOND = 200
const CONNECTIONS = 64

/** What readers were answered. */
interface Reading {
  /** In milliseconds, of each who was served. */
  readonly times: number[]
  /** How many were turned away with 503. */
  refused: number
}

/**
 * The time of each answer from when its request was due: requests go out at their time whether or not earlier
 * ones are answered, as those of many people do, so that a stall counts for all who come while it lasts.
 */
async function readSteadily(url: URL, requests: readonly Buffer[], forMs: number): Promise<Reading> {
  return withConnections(url, CONNECTIONS, async (connections) => {
    const reading: Reading = { times: [], refused: 0 }
    const idle = [...connections]
    const waiting: number[] = []
    const running = new Set<Promise<void>>()
    let sent = 0
    const read = async (connection: Connection, dueMs: number) => {
      const { status, body } = await connection.send(requests[sent++ % requests.length] ?? Buffer.alloc(0))
      if (status === 200) reading.times.push(performance.now() - dueMs)
      else if (status === 503) reading.refused++
      else throw new Error(`Reading answered ${status}: ${body}`)
      const next = waiting.shift()
      if (next === undefined) idle.push(connection)
      else await read(connection, next)
    }
    const startedMs = performance.now()
    for (let due = 0; due < (forMs * PER_SECOND) / 1_000; ) {
      const dueMs = startedMs + (due * 1_000) / PER_SECOND
      if (performance.now() < dueMs) {
        await wait(1)
        continue
      }
      due++
      const connection = idle.shift() // each in its turn, or those that are never used are half open as well
      if (connection === undefined) waiting.push(dueMs)
      else {
        const answered = read(connection, dueMs)
        running.add(answered)
        void answered.then(() => running.delete(answered))
      }
    }
    await Promise.all(running)
    return reading
  })
}

/** Does `work` while a process of its own holds connections half open. */
async function besideHalfOpen<T>(url: URL, work: () => Promise<T>): Promise<T> {
  const script = new URL('./slow-clients/half-open-clients.ts', import.meta.url)
  const argument: HalfOpenClients = { url: url.href, count: HALF_OPEN }
  const { process: clients } = await startScript<{ held: number }>(script, argument)
  try {
    return await work()
  } finally {
    clients.kill()
    await once(clients, 'exit')
  }
}

interface Figures {
  readonly alone: readonly Reading[]
  readonly beside: readonly Reading[]
}

async function measure(dialect: Dialect, settings: Settings): Promise<Figures> {
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
  const requests = instance.seeded.map((member) =>
    apiRequest(host, { method: 'GET', path: '/auth/me', token: member.issue().access_token }),
  )
  const sample = () => readSteadily(server.url, requests, settings.sampleMs)
  const [alone, beside]: [Reading[], Reading[]] = [[], []]
  await readSteadily(server.url, requests, WARM_UP_MS)
  for (let round = 0; round < settings.rounds; round++) {
    alone.push(await sample())
    beside.push(await besideHalfOpen(server.url, sample))
  }
  return { alone, beside }
}

const p99s = (readings: readonly Reading[]) => readings.map(({ times }) => quantile(times, 0.99))

function row(dialect: Dialect, { alone, beside }: Figures): string[] {
  const refused = (readings: readonly Reading[]) =>
    String(readings.reduce((sum, reading) => sum + reading.refused, 0))
  return [
    dialect,
    spreadText(spreadOf(p99s(alone)), 1),
    spreadText(spreadOf(p99s(beside)), 1),
    ratioText(ratios(p99s(beside), p99s(alone))),
    refused(alone),
    refused(beside),
  ]
}

/** What people who read notice of others who hold connections and send nothing. */
export const topic: Topic = {
  title: 'Slow clients',
  sampling: ({ isQuick, rounds }) => ({
    isQuick,
    rounds: isQuick ? 2 : Math.min(rounds, 7),
    sampleMs: 13_000, // half a head is given up after ten to twelve seconds: each sample holds that once
  }),
  async run(settings): Promise<Section[]> {
    const rows = []
    for (const dialect of ['sqlite', 'postgres'] as const)
      rows.push(row(dialect, await measure(dialect, settings)))
    return [
      {
        title: `GET /api/v1/auth/me beside ${HALF_OPEN.toLocaleString('en')} half-open connections (at most ${AT_MOST} times as long)`,
        notes: [
          `p99 in milliseconds of ${PER_SECOND} requests a second over ${CONNECTIONS} keep-alive connections, each timed from when it was due, so that whoever comes during a stall counts; who is turned away with 503 is counted apart. Of bin/outcry serve with its limits on, for ${MEMBERS.toLocaleString('en')} members in turns.`,
          `Half open: a process of its own holds ${HALF_OPEN.toLocaleString('en')} connections from five addresses of this machine, each with half a head. The server answers 408 and closes after ten to twelve seconds; then the next is opened at once.`,
          'Both take turns, in samples of 13 s.',
        ],
        header: ['engine', 'alone', 'beside', 'ratio', '503 alone', '503 beside'],
        rows,
      },
    ]
  },
}
