import type { Dialect } from '../../server/src/platform/db/index.ts'
import { startScript } from './harness/measured-process.ts'
import { rateText, spreadText } from './harness/report.ts'
import { median, quantile, spreadOf } from './harness/stats.ts'
import { temporaryDatabases } from './harness/temporary-databases.ts'
import { type Section, type Settings, type Topic, WARM_UP_MS } from './harness/topic.ts'
import { createInstance } from './http/outcry-server.ts'
import { seedMembers } from './http/seed-members.ts'
import { type GatewayUse, openGateway } from './vault/gateway-use.ts'
import { type Asked, allInFlight, atPace, type Timed } from './vault/in-flight.ts'
import type { StandInHello } from './vault/stand-in-process.ts'

const LANES = 50
const PACE = 500
const BROKER_MS = 100
/** Below the 64 uses at once that the vault gives one member, so that no hiccup makes it refuse. */
const SLOW_LANES = 60
const AT_MOST_MEDIAN_MS = 1.5
const AT_MOST_P99_MS = 5

/** What one way of asking took, round by round: directly and through the gateway. */
interface Rounds {
  readonly direct: Timed[]
  readonly gateway: Timed[]
}

const added = ({ direct, gateway }: Rounds, share: number) =>
  spreadText(
    spreadOf(
      gateway.map(({ times }, at) => quantile(times, share) - quantile(direct[at]?.times ?? [], share)),
    ),
    2,
  )

const middle = (timed: readonly Timed[]) =>
  `${median(timed.map(({ times }) => quantile(times, 0.5))).toFixed(2)} / ${median(timed.map(({ times }) => quantile(times, 0.99))).toFixed(2)}`

const rate = (timed: readonly Timed[]) => rateText(median(timed.map(({ perSecond }) => perSecond)))

async function rounds(
  use: GatewayUse,
  ask: (side: Asked) => Promise<Timed>,
  settings: Settings,
): Promise<Rounds> {
  const found: Rounds = { direct: [], gateway: [] }
  for (let round = 0; round < settings.rounds; round++) {
    found.direct.push(await ask(use.direct))
    found.gateway.push(await ask(use.gateway))
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
  const standIn = await startScript<StandInHello>(new URL('./vault/stand-in-process.ts', import.meta.url), {})
  cleanup.defer(() => void standIn.process.kill())
  const instance = await createInstance(
    await databases.empty(),
    (prepared, config) => seedMembers(prepared, config, { count: 1 }),
    { OUTCRY_RATE_LIMITS: 'off', OUTCRY_ALPACA_PAPER_URL: standIn.hello.url },
  )
  cleanup.defer(instance.dispose)
  const server = await instance.start()
  cleanup.defer(server.stop)
  const use = await openGateway(instance, server, standIn.hello.url)
  const paced = (lanes: number) => (side: Asked) =>
    atPace(side, { lanes, ms: settings.sampleMs, perSecond: PACE })
  for (const side of [use.direct, use.gateway]) await allInFlight(side, { lanes: LANES, ms: WARM_UP_MS })
  const full = await rounds(
    use,
    (side) => allInFlight(side, { lanes: LANES, ms: settings.sampleMs }),
    settings,
  )
  const even = await rounds(use, paced(LANES), settings)
  await answerAfter(standIn.hello.url, BROKER_MS)
  const slow = await rounds(use, paced(SLOW_LANES), settings)
  const row = (name: string, found: Rounds) => [
    dialect,
    name,
    rate(found.direct),
    rate(found.gateway),
    middle(found.direct),
    middle(found.gateway),
    added(found, 0.5),
    added(found, 0.99),
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
          'The asker, the double, the server, the vault process and PostgreSQL share the cores. Times are milliseconds, p50 / p99.',
        ],
        header: [
          'engine',
          'asked',
          'direct, per second',
          'gateway, per second',
          'direct p50 / p99',
          'gateway p50 / p99',
          'more at p50',
          'more at p99',
        ],
        rows,
      },
    ]
  },
}
