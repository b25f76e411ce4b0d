import type { Dialect } from '../../server/src/platform/db/index.ts'
import { startMeasured } from './harness/measured-process.ts'
import { rateText, ratioText } from './harness/report.ts'
import { median, ratios } from './harness/stats.ts'
import { temporaryDatabases } from './harness/temporary-databases.ts'
import { type Section, type Settings, type Topic, WARM_UP_MS } from './harness/topic.ts'
import { versionsOf } from './harness/versions.ts'
import { apiRequest, type Connection, withConnections } from './http/connection.ts'
import { createInstance } from './http/outcry-server.ts'
import { seedMembers } from './http/seed-members.ts'
import type { BareRefresh } from './refresh/bare-refresh.ts'

const AT_LEAST = 0.5
const LANES = 32
const MEMBERS = 32 * LANES

interface Refreshing {
  readonly url: URL
  readonly host: string
  /** The present refresh token of each session. */
  readonly tokens: string[]
}

/** Refreshes per second over keep-alive connections; every token that comes back is the next to be spent. */
function refreshesPerSecond({ url, host, tokens }: Refreshing, forMs: number): Promise<number> {
  return withConnections(url, LANES, async (connections) => {
    const fromMs = performance.now()
    let done = 0
    const run = async (connection: Connection, lane: number) => {
      for (let at = lane; performance.now() - fromMs < forMs; at = (at + LANES) % MEMBERS) {
        const body = { refresh_token: tokens[at] }
        const answer = await connection.send(
          apiRequest(host, { method: 'POST', path: '/auth/refresh', body }),
        )
        if (answer.status !== 200) throw new Error(`Refreshing answered ${answer.status}: ${answer.body}`)
        const { refresh_token }: { refresh_token: string } = JSON.parse(answer.body)
        tokens[at] = refresh_token
        done++
      }
    }
    await Promise.all(connections.map(run))
    return (done * 1_000) / (performance.now() - fromMs)
  })
}

async function race(dialect: Dialect, settings: Settings): Promise<string[]> {
  await using cleanup = new AsyncDisposableStack()
  const databases = await temporaryDatabases(dialect)
  cleanup.defer(databases.dispose)
  const location = await databases.empty()
  const instance = await createInstance(
    location,
    (prepared, config) => seedMembers(prepared, config, { count: MEMBERS }),
    { OUTCRY_RATE_LIMITS: 'off' },
  )
  cleanup.defer(instance.dispose)
  await databases.settle(location)
  const copy = await databases.copy(location)
  const sessionIds = instance.seeded.map(({ sessionId }) => sessionId)
  const argument: BareRefresh = { location: copy, sessionIds, inFlight: dialect === 'sqlite' ? 1 : LANES }
  const bareDriver = await startMeasured(new URL('./refresh/bare-refresh.ts', import.meta.url), argument)
  cleanup.defer(bareDriver.end)
  const server = await instance.start()
  cleanup.defer(server.stop)
  const { host } = instance.config.publicUrl
  const tokens = instance.seeded.map((member) => member.issue().refresh_token)
  const product = { url: server.url, host, tokens }
  await bareDriver.measure(WARM_UP_MS)
  await refreshesPerSecond(product, WARM_UP_MS)
  const [bare, ours]: [number[], number[]] = [[], []]
  for (let round = 0; round < settings.rounds; round++) {
    bare.push(await bareDriver.measure(settings.sampleMs))
    ours.push(await refreshesPerSecond(product, settings.sampleMs))
  }
  return [dialect, rateText(median(bare)), rateText(median(ours)), ratioText(ratios(ours, bare))]
}

/** The cost of everything around the two statements of a refresh: HTTP, the proof of one token and the making of two. */
export const topic: Topic = {
  title: 'Refreshing a session',
  sampling: (settings) => ({ ...settings, sampleMs: 4 * settings.sampleMs }),
  async run(settings): Promise<Section[]> {
    const rows = [await race('sqlite', settings), await race('postgres', settings)]
    return [
      {
        title: `POST /api/v1/auth/refresh beside its two statements (at least ${AT_LEAST.toFixed(2)})`,
        notes: [
          'Bare: the session joined to its member, and the update that rotates it if nobody else has, in one durable transaction by the driver alone, in a process and with a copy of the database of its own.',
          'Bare on SQLite: DatabaseSync of node:sqlite, prepared StatementSync get() and run() between BEGIN IMMEDIATE and COMMIT, one at a time, WAL with synchronous=FULL.',
          `Bare on PostgreSQL: ${versionsOf('pg')}, Pool of ten with pipeline: true, named statements by client.query() promises; BEGIN goes out with the SELECT, COMMIT with the UPDATE, row context once per session; ${LANES} at once, fsync on.`,
          `Ours: bin/outcry serve over ${LANES} keep-alive connections, ${MEMBERS} sessions in turns, each token spent once. Rate limits are off.`,
        ],
        header: ['engine', 'bare', 'ours', 'ratio'],
        rows,
      },
    ]
  },
}
