import type { Dialect } from '../../server/src/platform/db/index.ts'
import { rateText, spreadText } from './harness/report.ts'
import { median, quantile, spreadOf } from './harness/stats.ts'
import { temporaryDatabases } from './harness/temporary-databases.ts'
import { type Section, type Settings, type Topic, WARM_UP_MS } from './harness/topic.ts'
import { type Asked, allInFlight, atPace, type Timed } from './http/in-flight.ts'
import { createInstance } from './http/outcry-server.ts'
import { seedMembers } from './http/seed-members.ts'
import { type BareChain, startBareChain } from './vault/bare-chain.ts'
import { type GatewayUse, openGateway } from './vault/gateway-use.ts'
import { startStandIn } from './vault/start-stand-in.ts'

const LANES = 50
const PACE = 500
const BROKER_MS = 100
/** Below the 64 uses at once that the vault gives one member, so that no hiccup makes it refuse. */
const SLOW_LANES = 60
const AT_MOST_MEDIAN_MS = 1.5
const AT_MOST_P99_MS = 5

const WAYS = ['direct', 'chain', 'gateway'] as const

/** What one way of asking took, round by round: directly, over bare processes, and through the gateway. */
type Rounds = Readonly<Record<(typeof WAYS)[number], Timed[]>>

const added = ({ direct }: Rounds, way: readonly Timed[], share: number) =>
  spreadText(
    spreadOf(way.map(({ times }, at) => quantile(times, share) - quantile(direct[at]?.times ?? [], share))),
    2,
  )

const middle = (timed: readonly Timed[]) =>
  `${median(timed.map(({ times }) => quantile(times, 0.5))).toFixed(2)} / ${median(timed.map(({ times }) => quantile(times, 0.99))).toFixed(2)}`

const rate = (timed: readonly Timed[]) => rateText(median(timed.map(({ perSecond }) => perSecond)))

async function rounds(
  use: GatewayUse & BareChain,
  ask: (side: Asked) => Promise<Timed>,
  settings: Settings,
): Promise<Rounds> {
  const found: Rounds = { direct: [], chain: [], gateway: [] }
  for (let round = 0; round < settings.rounds; round++) {
    for (const way of WAYS) found[way].push(await ask(use[way]))
  }
  return found
}

/** Lets every answer of the broker's double take so long, as a real broker's does. */
async function answerAfter(standInUrl: string, delayMs: number): Promise<void> {
  const body = JSON.stringify({ kind: 'latency', delayMs })
  const answer = await fetch(new URL('/_stand-in/fault', standInUrl), { method: 'POST', body })
  if (!answer.ok) throw new Error(`The double answered ${answer.status}: ${await answer.text()}`)
}

async function race(dialect: Dialect, settings: Settings): Promise<string[][]> {
  await using cleanup = new AsyncDisposableStack()
  const databases = await temporaryDatabases(dialect)
  cleanup.defer(databases.dispose)
  const standIn = await startStandIn()
  cleanup.defer(standIn.stop)
  const instance = await createInstance(
    await databases.empty(),
    (prepared, config) => seedMembers(prepared, config, { count: 1 }),
    { OUTCRY_RATE_LIMITS: 'off', OUTCRY_ALPACA_PAPER_URL: standIn.url },
  )
  cleanup.defer(instance.dispose)
  const server = await instance.start()
  cleanup.defer(server.stop)
  const gateway = await openGateway(instance, server, standIn.url)
  await using chain = await startBareChain(gateway.direct)
  const use = { ...gateway, chain: chain.chain }
  const paced = (lanes: number) => (side: Asked) =>
    atPace(side, { lanes, ms: settings.sampleMs, perSecond: PACE })
  for (const way of WAYS) await allInFlight(use[way], { lanes: LANES, ms: WARM_UP_MS })
  const full = await rounds(
    use,
    (side) => allInFlight(side, { lanes: LANES, ms: settings.sampleMs }),
    settings,
  )
  const even = await rounds(use, paced(LANES), settings)
  await answerAfter(standIn.url, BROKER_MS)
  const slow = await rounds(use, paced(SLOW_LANES), settings)
  const row = (name: string, found: Rounds) => [
    dialect,
    name,
    ...WAYS.map((way) => rate(found[way])),
    ...WAYS.map((way) => middle(found[way])),
    added(found, found.chain, 0.5),
    added(found, found.gateway, 0.5),
    added(found, found.chain, 0.99),
    added(found, found.gateway, 0.99),
  ]
  return [
    row(`${LANES} always in flight`, full),
    row(`${PACE} a second`, even),
    row(`${PACE} a second, broker takes ${BROKER_MS} ms`, slow),
  ]
}

/** What it costs to use a broker key without seeing it. */
export const topic: Topic = {
  title: 'Using a broker key through the gateway',
  sampling: (settings) => ({ ...settings, sampleMs: 8 * settings.sampleMs }),
  async run(settings): Promise<Section[]> {
    const rows = [...(await race('sqlite', settings)), ...(await race('postgres', settings))]
    return [
      {
        title: `GET /v2/account through the gateway beside asking the broker's double directly (at most ${AT_MOST_MEDIAN_MS} ms more at the median, ${AT_MOST_P99_MS} ms at p99; at least ${PACE}/s)`,
        notes: [
          'Directly: the double in a process of its own, with the key in the headers. Through the gateway: bin/outcry serve with its vault process, a personal access token of scope broker:read in place of the key, every audit entry durable before the key is opened. Rate limits are off.',
          `${LANES} always in flight: each of ${LANES} keep-alive connections sends its next request when it has its answer, so both cores are busy and the times are mostly waiting for them: how long that is follows from the rate (${LANES} divided by it). ${PACE} a second: an even pace over the same connections; the double answers at once, so few are in flight.`,
          `Broker takes ${BROKER_MS} ms: the same pace over ${SLOW_LANES} connections to a double that waits so long before each answer, so that about ${(PACE * BROKER_MS) / 1_000} requests are in flight at any moment and the cores are free for them.`,
          'Chain: the least that has the shape of such a use, two bare processes between asker and double that do nothing but hand on, the second after a write that is durable for all who wait. What it adds is what no program can save here that keeps keys in a process of their own.',
          'The asker, the double, the server, the vault process and PostgreSQL share the cores. Times are milliseconds, p50 / p99.',
        ],
        header: [
          'engine',
          'asked',
          ...['direct, per second', 'chain', 'gateway'],
          ...['direct p50 / p99', 'chain p50 / p99', 'gateway p50 / p99'],
          ...['chain more at p50', 'gateway more at p50', 'chain more at p99', 'gateway more at p99'],
        ],
        rows,
      },
    ]
  },
}
