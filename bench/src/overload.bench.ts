import { setTimeout as wait } from 'node:timers/promises'
import { defaultHashConcurrency } from '../../server/src/platform/crypto/password-hash.ts'
import type { Dialect } from '../../server/src/platform/db/index.ts'
import { forgetPeak, peakMegabytes, residentMegabytes } from '../../server/src/testing/resident-memory.ts'
import { rateText, spreadText } from './harness/report.ts'
import { quantile, spreadOf } from './harness/stats.ts'
import { type Section, type Settings, type Topic, WARM_UP_MS } from './harness/topic.ts'
import type { OutcryServer } from './http/outcry-server.ts'
import { type AskingProcess, startAsking } from './overload/asking-process.ts'
import type { Kind, KindFigures, LoadFigures } from './overload/load.ts'
import { makeSite, type Requests, type Site, watchHealth } from './overload/overloaded-server.ts'
import { type FloodFigures, flood } from './sign-in/flood.ts'

const GATE = defaultHashConcurrency()
const CLIENTS = 500
const LANES = 32
/** Of one open loop; each carries one request at a time, as HTTP/1.1 does. */
const CONNECTIONS = 500
const TIMES = 10
const BACK_S = 60
const BACK_WITHIN = 1.1
const MEMORY_ALLOWED = GATE * 64 * 1.15

/** Ten minutes, as the demand says, take forty in all: `OVERLOAD_SECONDS=600 npm run bench -- --only overload`. */
function secondsOf({ isQuick }: Settings): number {
  const given = process.env.OVERLOAD_SECONDS
  if (given === undefined) return isQuick ? 5 : 60
  const seconds = Number(given)
  if (Number.isInteger(seconds) && seconds > 0) return seconds
  throw new Error('OVERLOAD_SECONDS takes a whole number of seconds.')
}

interface Memory {
  readonly before: number
  readonly peak: number
  readonly after: number
  /** Seconds until it was within a tenth of what it was before; undefined when it never was. */
  readonly backAfterS: number | undefined
}

interface Overload {
  readonly capacity: LoadFigures
  readonly load: LoadFigures
  readonly healthMs: readonly number[]
  readonly healthStatuses: ReadonlySet<number>
  readonly memory: Memory
}

/** Waits for the whole time, however soon it is back. */
async function memoryAfter(pid: number, before: number, forS: number): Promise<Omit<Memory, 'peak'>> {
  let backAfterS: number | undefined
  let after = before
  for (let second = 1; second <= forS; second++) {
    await wait(1_000)
    after = await residentMegabytes(pid)
    if (after > before * BACK_WITHIN) backAfterS = undefined
    else backAfterS ??= second
  }
  return { before, after, backAfterS }
}

const kind = (name: string, share: number, requests: readonly Buffer[]): Kind => ({
  name,
  share,
  requests: requests.map((each) => each.toString('latin1')),
})

interface Stage {
  readonly server: OutcryServer
  readonly asking: AskingProcess
  readonly requests: Requests
  readonly settings: Settings
}

async function overload({ server, asking, requests, settings }: Stage, kinds: readonly Kind[]) {
  const { isQuick } = settings
  await asking.prepare(kinds)
  await asking.load({ do: 'closed', lanes: LANES, ms: isQuick ? 2_000 : WARM_UP_MS })
  await forgetPeak(server.pid)
  const capacity = await asking.load({ do: 'closed', lanes: LANES, ms: isQuick ? 2_000 : 10_000 })
  const before = await peakMegabytes(server.pid)
  await forgetPeak(server.pid)
  const health = await watchHealth(server.url, requests.health)
  const perSecond = TIMES * capacity.servedPerSecond
  const load = await asking.load({
    do: 'open',
    lanes: CONNECTIONS,
    ms: secondsOf(settings) * 1_000,
    perSecond,
  })
  const { times, statuses } = await health.stop()
  const peak = await peakMegabytes(server.pid)
  const memory = { peak, ...(await memoryAfter(server.pid, before, isQuick ? 5 : BACK_S)) }
  return { capacity, load, healthMs: times, healthStatuses: statuses, memory }
}

interface Figures {
  readonly me: Overload
  readonly users: Overload
  readonly mixed: Overload
  readonly floods: readonly FloodFigures[]
  readonly idleMegabytes: number
}

/** On a server of its own: what is resident before a flood is what a start leaves. */
async function floods(site: Site, { rounds, sampleMs }: Settings) {
  const server = await site.start()
  try {
    const { me, logins, metrics } = await site.requests(server)
    const idleMegabytes = await residentMegabytes(server.pid)
    const figures = []
    for (let round = 0; round < rounds; round++) {
      figures.push(
        await flood({ server, forMs: sampleMs, logins: logins.slice(0, CLIENTS), reads: me, metrics }),
      )
    }
    return { floods: figures, idleMegabytes }
  } finally {
    await server.stop()
  }
}

async function measure(dialect: Dialect, settings: Settings): Promise<Figures> {
  await using site = await makeSite(dialect)
  const run = async (kindsOf: (requests: Requests) => readonly Kind[]) => {
    const server = await site.start()
    const asking = await startAsking(server.url)
    try {
      const requests = await site.requests(server)
      return await overload({ server, asking, requests, settings }, kindsOf(requests))
    } finally {
      await asking.end()
      await server.stop()
    }
  }
  return {
    me: await run(({ me }) => [kind('GET /auth/me', 1, me)]),
    users: await run(({ users }) => [kind('GET /users', 1, users)]),
    mixed: await run(({ me, uses, logins }) => [
      kind('GET /auth/me', 8, me),
      kind('use of a key', 1, uses),
      kind('sign-in', 1, logins),
    ]),
    ...(await floods(site, settings)),
  }
}

// Note: what is not a number arrives from the asking process as null.
const text = (value: number, digits = 0) => (Number.isFinite(value) ? value.toFixed(digits) : '–')
const share = (value: number, of: number) => text(value / of, 2)

function overloadRow(engine: string, name: string, { capacity, load, ...rest }: Overload): string[] {
  const { memory, healthMs, healthStatuses } = rest
  const back = memory.backAfterS === undefined ? 'no' : `${memory.backAfterS} s`
  return [
    engine,
    name,
    rateText(capacity.servedPerSecond),
    rateText(load.duePerSecond),
    rateText(load.sentPerSecond),
    share(load.servedPerSecond, capacity.servedPerSecond),
    text(load.shedP50),
    text(load.shedP99),
    Object.keys(load.statuses).join(' '),
    text(quantile(healthMs, 0.99)),
    [...healthStatuses].join(' '),
    `${text(memory.before)} / ${text(memory.peak)} / ${text(memory.after)}`,
    share(memory.peak, memory.before),
    back,
  ]
}

function kindRows(engine: string, { capacity, load }: Overload): string[][] {
  return load.kinds.map((under: KindFigures, at) => {
    const alone = capacity.kinds[at]
    return [
      engine,
      under.name,
      rateText(alone?.servedPerSecond ?? Number.NaN),
      rateText(under.servedPerSecond),
      share(under.servedPerSecond, alone?.servedPerSecond ?? Number.NaN),
      text(under.servedP99),
      rateText(under.shedPerSecond),
      text(under.shedP99),
    ]
  })
}

function floodRow(engine: string, { floods, idleMegabytes }: Figures): string[] {
  const spread = (of: (figures: FloodFigures) => number, digits: number) =>
    spreadText(spreadOf(floods.map(of)), digits)
  return [
    engine,
    spread(({ acceptedPerSecond }) => acceptedPerSecond, 0),
    spread(({ shedP99 }) => shedP99, 0),
    spread(({ meP50 }) => meP50, 1),
    spread(({ meP99 }) => meP99, 1),
    spread(({ longestStall }) => longestStall, 1),
    spread((figures) => figures.peakMegabytes - idleMegabytes, 0),
  ]
}

/** What a server does for those it can serve while many more come than it can, and what becomes of the rest. */
export const topic: Topic = {
  title: 'Overload',
  sampling: ({ isQuick }) => ({ isQuick, rounds: isQuick ? 2 : 5, sampleMs: isQuick ? 2_000 : 10_000 }),
  sampled: (settings) =>
    `Each overload was kept up for ${secondsOf(settings)} s once; floods of sign-ins are medians of ${settings.rounds} of ${settings.sampleMs / 1_000} s.`,
  async run(settings): Promise<Section[]> {
    const all: [string, Figures][] = [
      ['sqlite', await measure('sqlite', settings)],
      ['postgres', await measure('postgres', settings)],
    ]
    return [
      {
        title: `${TIMES} times as many requests as it can serve, for ${secondsOf(settings)} s`,
        notes: [
          `Capacity: successes per second over ${LANES} connections, each of which sends its next request when it has its answer, for 10 s after a warm-up of as long. Due: ${TIMES} times that, evenly, whatever the answers take; each goes out over whichever of ${CONNECTIONS} keep-alive connections is free, and is not sent when none is: a connection carries one request at a time. Rate limits are off.`,
          'Served: successes per second as a share of capacity. Shed: answers with 429 or 503, from the first byte sent to the last received. Statuses: all that came, 0 for a connection that broke.',
          'Health: GET /health/ready, one look after another over a connection of its own. Milliseconds.',
          `Memory: the most MiB of the server that were resident while it served at its capacity, the most during the overload, and what was resident ${settings.isQuick ? 5 : BACK_S} s after it; peak is the second by the first. Back: from when on it was within a tenth of the first.`,
          "Mixed: eight parts GET /auth/me, one part uses of eight members' stored keys through the gateway, one part sign-ins with a password. Server, vault, PostgreSQL, the broker's double and the one who asks share the cores.",
        ],
        header: [
          ...['engine', 'asked', 'capacity', 'due', 'sent', 'served', 'shed p50', 'shed p99', 'statuses'],
          ...['health p99', 'health', 'memory', 'peak', 'back'],
        ],
        rows: [
          ['wanted', '', '', '', '', '0.80', '', '100', '200 429 503', '100', '200', '', '1.30', '60 s'],
          ...all.flatMap(([engine, { me, users, mixed }]) => [
            overloadRow(engine, 'GET /auth/me', me),
            overloadRow(engine, 'GET /users', users),
            overloadRow(engine, 'mixed', mixed),
          ]),
        ],
      },
      {
        title: 'Who is served in the mixed overload',
        notes: [
          'Alone: per second within capacity, as above. Served and shed: per second in the overload. Milliseconds.',
        ],
        header: ['engine', 'asked', 'alone', 'served', 'share', 'served p99', 'shed', 'shed p99'],
        rows: all.flatMap(([engine, { mixed }]) => kindRows(engine, mixed)),
      },
      {
        title: `While ${CLIENTS} sign in at once`,
        notes: [
          `${CLIENTS} clients sign in at the same moment, each as another member over a connection of its own; whoever is turned away comes again after its Retry-After. The server hashes ${GATE} passwords at once and lets ${2 * GATE} wait.`,
          'Meanwhile another connection sends GET /auth/me with a bearer token, one request after another. The stall is the longest event-loop delay that /metrics tells, less its own resolution of 10 ms.',
          'Memory is the most that was resident during a run above what was resident before the first. Milliseconds but for sign-ins per second and MiB.',
        ],
        header: ['engine', 'sign-ins', '503 p99', 'me p50', 'me p99', 'longest stall', 'memory'],
        rows: [
          ['at most', '', '', '', '250', '50', MEMORY_ALLOWED.toFixed(0)],
          ...all.map(([engine, figures]) => floodRow(engine, figures)),
        ],
      },
    ]
  },
}
