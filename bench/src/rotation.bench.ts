import { setTimeout as wait } from 'node:timers/promises'
import { type Dialect, openDatabase } from '../../server/src/platform/db/index.ts'
import { inspectCredentials } from '../../server/src/testing/crash/seed-credentials.ts'
import { rateText } from './harness/report.ts'
import { quantile } from './harness/stats.ts'
import { temporaryDatabases } from './harness/temporary-databases.ts'
import type { Section, Settings, Topic } from './harness/topic.ts'
import { createInstance, type OutcryInstance } from './http/outcry-server.ts'
import { type RunningUses, type UsesBeside, usesBeside } from './http/uses-beside.ts'
import { scramble } from './posts/post-factory.ts'
import { credentialRows } from './vault/credential-rows.ts'
import { brokerToken, gatewayRequest } from './vault/gateway-use.ts'
import { seedCredentials } from './vault/seed-credentials.ts'
import { seedDesks } from './vault/seed-desks.ts'
import { startStandIn } from './vault/start-stand-in.ts'

const KEYS = 100_000
const AT_MOST_S = 600
const PACE = 50
const LANES = 16
const ALONE_MS = 10_000

interface Moved {
  readonly env: OutcryInstance['env']
  readonly location: Parameters<typeof openDatabase>[0]
  readonly count: number
}

/** Throws unless every stored pair opens, under the key that the rotation added and no other. */
async function assertMoved({ env, location, count }: Moved): Promise<void> {
  const db = openDatabase(location)
  const { current, under, wrong } = await inspectCredentials({ env, db }).finally(() => db.close())
  const [problem] = wrong
  if (problem !== undefined) throw new Error(`After the rotation ${problem}.`)
  if (under[current] !== 2 * count) throw new Error(`Not everything was moved: ${JSON.stringify(under)}.`)
}

const middle = ({ times }: UsesBeside) =>
  [0.5, 0.99].map((share) => quantile(times, share).toFixed(1)).join(' / ')

async function rotate(dialect: Dialect, { isQuick }: Settings): Promise<string[]> {
  await using cleanup = new AsyncDisposableStack()
  const count = isQuick ? KEYS / 50 : KEYS
  const databases = await temporaryDatabases(dialect)
  cleanup.defer(databases.dispose)
  const standIn = await startStandIn()
  cleanup.defer(standIn.stop)
  const location = await databases.empty()
  const instance = await createInstance(
    location,
    async (prepared, config) => {
      const [owner] = await seedDesks(prepared, config, 1)
      if (!owner) throw new Error('Nobody was seeded.')
      const { member, accountId } = owner
      const parts = { db: prepared.db, rows: await credentialRows({ OUTCRY_DATA_DIR: config.dataDir }) }
      const ids = await seedCredentials(parts, [{ userId: member.id, accountId }], { count, every: 1 })
      return { member, ids }
    },
    { OUTCRY_RATE_LIMITS: 'off', OUTCRY_ALPACA_PAPER_URL: standIn.url },
  )
  cleanup.defer(instance.dispose)
  await databases.settle(location)
  const server = await instance.start()
  cleanup.defer(server.stop)
  const { member, ids } = instance.seeded
  const token = await brokerToken(server, member)
  let turn = 0
  const next = () =>
    gatewayRequest(instance.config.publicUrl.host, token, ids[scramble(turn++) % ids.length] ?? '')
  const uses = (): RunningUses => usesBeside({ url: server.url, next }, { lanes: LANES, perSecond: PACE })
  const before = uses()
  await wait(isQuick ? ALONE_MS / 5 : ALONE_MS)
  const alone = await before.stop()
  const running = uses()
  const seconds = (await instance.run('keys', 'rotate')) / 1_000
  const beside = await running.stop()
  await assertMoved({ env: instance.env, location, count })
  return [
    ...[dialect, String(count), seconds.toFixed(1), rateText(count / seconds)],
    ...[String(beside.times.length + beside.failed), String(alone.failed + beside.failed)],
    ...[middle(alone), middle(beside)],
  ]
}

/** How long it takes to give every stored broker key another key around it while they are used. */
export const topic: Topic = {
  title: 'Rotating the keys around stored broker keys',
  sampled: () => 'One rotation on each engine.',
  async run(settings): Promise<Section[]> {
    const rows = [await rotate('sqlite', settings), await rotate('postgres', settings)]
    return [
      {
        title: `bin/outcry keys rotate beside uses (${KEYS} keys in under ${AT_MOST_S} s, no use failed)`,
        notes: [
          'From the start of the command to its end, which counts the two seconds in which it waits for servers to notice the new key. bin/outcry serve and its vault process run beside it and, as they do, move values themselves.',
          `Each broker key is two sealed values. Uses: GET /v2/account through the gateway, ${PACE} a second at an even pace over ${LANES} connections, evenly over all keys; failed is every answer but 200 and every broken connection. Alone is the same for ${ALONE_MS / 1_000} s before the rotation.`,
          'Afterwards every stored pair was opened: none was wrong, and all were sealed with the new key.',
          'Times of uses are milliseconds, p50 / p99, from the moment at which each was due.',
        ],
        header: [
          ...['engine', 'broker keys', 'seconds', 'per second', 'uses beside it', 'failed'],
          ...['uses alone', 'uses beside it, p50 / p99'],
        ],
        rows,
      },
    ]
  },
}
