import { hash } from '@node-rs/argon2'
import type { Config } from '../../server/src/config/config.ts'
import { defaultHashConcurrency } from '../../server/src/platform/crypto/password-hash.ts'
import type { Dialect } from '../../server/src/platform/db/index.ts'
import { residentMegabytes } from '../../server/src/testing/resident-memory.ts'
import { startMeasured } from './harness/measured-process.ts'
import { rateText, ratioText, spreadText } from './harness/report.ts'
import { median, ratios, spreadOf } from './harness/stats.ts'
import { temporaryDatabases } from './harness/temporary-databases.ts'
import type { Section, Settings, Topic } from './harness/topic.ts'
import { versionsOf } from './harness/versions.ts'
import { apiRequest, withConnections } from './http/connection.ts'
import { createInstance, type OutcryServer } from './http/outcry-server.ts'
import { PASSWORD, type SeededMember, seedMembers } from './http/seed-members.ts'
import { type FloodFigures, flood } from './sign-in/flood.ts'

const AT_LEAST = 0.9
const GATE = defaultHashConcurrency()
const LANES = 2 * GATE // as many hash as may, and as many wait for their turn or for the database
const CLIENTS = 200
const MEMBERS = 500
const READERS = 100
const WARM_UP_MS = 30_000 // with a hundred sign-ins a second it takes so long until what they run is compiled
const MEMORY_ALLOWED = GATE * 64 * 1.15

interface Requests {
  readonly logins: readonly Buffer[]
  readonly reads: readonly Buffer[]
  readonly metrics: Buffer
}

function requestsFor({ publicUrl: { host } }: Config, members: readonly SeededMember[]): Requests {
  const login = ({ username }: SeededMember) =>
    apiRequest(host, {
      method: 'POST',
      path: '/auth/login/json',
      body: { username_or_email: username, password: PASSWORD },
    })
  return {
    logins: members.slice(READERS).map(login),
    reads: members
      .slice(0, READERS)
      .map((member) =>
        apiRequest(host, { method: 'GET', path: '/auth/me', token: member.issue().access_token }),
      ),
    metrics: Buffer.from(`GET /metrics HTTP/1.1\r\nhost: ${host}\r\n\r\n`),
  }
}

/** Sign-ins per second over keep-alive connections; nothing but successes is counted. */
function loginsPerSecond(server: OutcryServer, logins: readonly Buffer[], forMs: number): Promise<number> {
  return withConnections(server.url, LANES, async (connections) => {
    const fromMs = performance.now()
    let done = 0
    const run = async (at: number) => {
      const connection = connections[at]
      for (let next = at; performance.now() - fromMs < forMs; next += LANES) {
        const answer = await connection?.send(logins[next % logins.length] ?? Buffer.alloc(0))
        if (answer?.status !== 200) throw new Error(`Signing in answered ${answer?.status}: ${answer?.body}`)
        done++
      }
    }
    await Promise.all(connections.map((_, at) => run(at)))
    return (done * 1_000) / (performance.now() - fromMs)
  })
}

interface Figures {
  readonly bare: readonly number[]
  readonly ours: readonly number[]
  readonly floods: readonly FloodFigures[]
  readonly idleMegabytes: number
}

async function measure(dialect: Dialect, settings: Settings): Promise<Figures> {
  await using cleanup = new AsyncDisposableStack()
  const databases = await temporaryDatabases(dialect)
  cleanup.defer(databases.dispose)
  const instance = await createInstance(
    await databases.empty(),
    (prepared, config) => seedMembers(prepared, config, { count: MEMBERS, hasPassword: true }),
    { OUTCRY_RATE_LIMITS: 'off' },
  )
  cleanup.defer(instance.dispose)
  const { memoryKib: memoryCost, passes: timeCost, lanes: parallelism } = instance.config.argon2
  const stored = await hash(PASSWORD, { memoryCost, timeCost, parallelism })
  const script = new URL('./sign-in/bare-argon2.ts', import.meta.url)
  const bareArgon2 = await startMeasured(script, { stored, password: PASSWORD, inFlight: GATE })
  cleanup.defer(bareArgon2.end)
  const server = await instance.start()
  cleanup.defer(server.stop)
  const idleMegabytes = await residentMegabytes(server.pid)
  const requests = requestsFor(instance.config, instance.seeded)
  const [bare, ours]: [number[], number[]] = [[], []]
  await bareArgon2.measure(WARM_UP_MS)
  await loginsPerSecond(server, requests.logins, WARM_UP_MS)
  for (let round = 0; round < settings.rounds; round++) {
    bare.push(await bareArgon2.measure(settings.sampleMs))
    ours.push(await loginsPerSecond(server, requests.logins, settings.sampleMs))
  }
  const floods = []
  for (let round = 0; round < settings.rounds; round++) {
    const { reads, metrics } = requests
    const logins = requests.logins.slice(0, CLIENTS)
    floods.push(await flood({ server, forMs: settings.sampleMs, logins, reads, metrics }))
  }
  return { bare, ours, floods, idleMegabytes }
}

const allOf = async (settings: Settings) =>
  Object.entries({
    sqlite: await measure('sqlite', settings),
    postgres: await measure('postgres', settings),
  })

function floodRow(engine: string, { floods, idleMegabytes }: Figures): string[] {
  const text = (of: (figures: FloodFigures) => number, digits: number) =>
    spreadText(spreadOf(floods.map(of)), digits)
  return [
    engine,
    text(({ acceptedPerSecond }) => acceptedPerSecond, 0),
    text(({ shedP99 }) => shedP99, 0),
    text(({ meP50 }) => meP50, 1),
    text(({ meP99 }) => meP99, 1),
    text(({ longestStall }) => longestStall, 1),
    text(({ peakMegabytes }) => peakMegabytes - idleMegabytes, 0),
  ]
}

/** What a sign-in costs beside the hash that it cannot do without, and what a flood of them does to everybody else. */
export const topic: Topic = {
  title: 'Signing in with a password',
  sampling: ({ isQuick, rounds }) => ({
    isQuick,
    rounds: Math.min(rounds, 7),
    sampleMs: isQuick ? 1_000 : 4_500, // a hash takes about 20 ms, and who is turned away comes again after 2 s
  }),
  async run(settings): Promise<Section[]> {
    const all = await allOf(settings)
    return [
      {
        title: `POST /api/v1/auth/login/json beside bare Argon2id (at least ${AT_LEAST.toFixed(2)})`,
        notes: [
          `Bare: verify() of ${versionsOf('@node-rs/argon2')} with the server's parameters (47,104 KiB, one pass, one lane), ${GATE} at once in a process of its own, nothing else.`,
          `Ours: bin/outcry serve in a process of its own, sign-in by JSON over ${LANES} keep-alive connections, ${GATE} hashes at once; ${MEMBERS - READERS} members in turns, each by their own name from a device that is known. Rate limits are off, lockouts on; ${WARM_UP_MS / 1_000} s of it come first and do not count.`,
          'Per second. Bare has both cores; ours shares them with the one who asks, and with PostgreSQL.',
        ],
        header: ['engine', 'bare', 'ours', 'ratio'],
        rows: all.map(([engine, { bare, ours }]) => [
          engine,
          rateText(median(bare)),
          rateText(median(ours)),
          ratioText(ratios(ours, bare)),
        ]),
      },
      {
        title: `While ${CLIENTS} sign in at once`,
        notes: [
          `${CLIENTS} clients sign in at the same moment, each as another member over a connection of its own. The server hashes ${GATE} passwords at once and lets ${2 * GATE} wait; whoever else comes is turned away with 503 and comes again after the two seconds of its Retry-After.`,
          'Meanwhile another connection sends GET /auth/me with a bearer token, one request after another. The stall is the longest event-loop delay that /metrics tells, less its own resolution of 10 ms.',
          'Memory is the most that was resident during a run above what was resident when the server was ready (VmHWM, VmRSS).',
          'Milliseconds but for sign-ins per second and MiB.',
        ],
        header: ['engine', 'sign-ins', '503 p99', 'me p50', 'me p99', 'longest stall', 'memory'],
        rows: [
          ['at most', '', '', '', '50', '50', MEMORY_ALLOWED.toFixed(0)],
          ...all.map(([engine, figures]) => floodRow(engine, figures)),
        ],
      },
    ]
  },
}
