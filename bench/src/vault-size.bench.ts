import type { Dialect } from '../../server/src/platform/db/index.ts'
import { ratioText } from './harness/report.ts'
import { median, ratios } from './harness/stats.ts'
import { type TemporaryDatabases, temporaryDatabases } from './harness/temporary-databases.ts'
import { type Section, type Settings, type Topic, WARM_UP_MS } from './harness/topic.ts'
import { type Asked, allInFlight } from './http/in-flight.ts'
import { createInstance } from './http/outcry-server.ts'
import { scramble } from './posts/post-factory.ts'
import { countOpens, type Opens } from './vault/count-opens.ts'
import { credentialRows } from './vault/credential-rows.ts'
import { brokerToken, gatewayRequest } from './vault/gateway-use.ts'
import { placesFor, seedCredentials } from './vault/seed-credentials.ts'
import { seedDesks } from './vault/seed-desks.ts'
import { startStandIn } from './vault/start-stand-in.ts'

const FEW = 1_000
const MANY = 1_000_000
const AT_MOST = 1.2
const LANES = [1, 16] as const
const LISTINGS = 1_000

interface Place {
  readonly databases: TemporaryDatabases
  readonly standInUrl: string
  readonly cleanup: AsyncDisposableStack
}

/** A running server with so many stored keys; all but `FEW`, evenly among them, are fillers. */
async function serverWith(count: number, { databases, standInUrl, cleanup }: Place) {
  const location = await databases.empty()
  const instance = await createInstance(
    location,
    async (prepared, config) => {
      const desks = await seedDesks(prepared, config, placesFor(count))
      const parts = { db: prepared.db, rows: await credentialRows({ OUTCRY_DATA_DIR: config.dataDir }) }
      const places = desks.map(({ member, accountId }) => ({ userId: member.id, accountId }))
      return { desks, ids: await seedCredentials(parts, places, { count, every: count / FEW }) }
    },
    { OUTCRY_RATE_LIMITS: 'off', OUTCRY_ALPACA_PAPER_URL: standInUrl },
  )
  cleanup.defer(instance.dispose)
  await databases.settle(location)
  const { desks, ids } = instance.seeded
  const [owner] = desks
  const [credentialId = ''] = ids
  if (!owner) throw new Error('Nobody was seeded.')
  return {
    count: (listings: number): Promise<Opens> =>
      countOpens(instance, { member: owner.member, credentialId }, listings),
    /** Uses of one key after the other, all over the table. */
    async serve(): Promise<Asked> {
      const server = await instance.start()
      cleanup.defer(server.stop)
      const token = await brokerToken(server, owner.member)
      const { host } = instance.config.publicUrl
      const requests = ids.map((id) => gatewayRequest(host, token, id))
      let turn = 0
      return {
        url: server.url,
        next: () => requests[scramble(turn++) % requests.length] ?? Buffer.alloc(0),
      }
    },
  }
}

/** Milliseconds per use while so many are asked for at once. */
async function cost(side: Asked, how: { lanes: number; ms: number }): Promise<number> {
  return 1_000 / (await allInFlight(side, how)).perSecond
}

async function compare(few: Asked, many: Asked, settings: Settings): Promise<string[][]> {
  const rows: string[][] = []
  for (const side of [few, many]) await allInFlight(side, { lanes: 16, ms: WARM_UP_MS })
  for (const lanes of LANES) {
    const costs = { few: [] as number[], many: [] as number[] }
    for (let round = 0; round < settings.rounds; round++) {
      costs.few.push(await cost(few, { lanes, ms: settings.sampleMs }))
      costs.many.push(await cost(many, { lanes, ms: settings.sampleMs }))
    }
    const ms = (values: readonly number[]) => `${median(values).toFixed(2)} ms`
    const ratio = ratioText(ratios(costs.many, costs.few))
    rows.push([String(lanes), ms(costs.few), ms(costs.many), ratio, `at most ${AT_MOST}`])
  }
  return rows
}

async function runOn(dialect: Dialect, settings: Settings) {
  await using cleanup = new AsyncDisposableStack()
  const databases = await temporaryDatabases(dialect)
  cleanup.defer(databases.dispose)
  const standIn = await startStandIn()
  cleanup.defer(standIn.stop)
  const place = { databases, standInUrl: standIn.url, cleanup }
  const manyCount = settings.isQuick ? MANY / 20 : MANY
  const [few, many] = [await serverWith(FEW, place), await serverWith(manyCount, place)]
  const opens = await many.count(settings.isQuick ? LISTINGS / 20 : LISTINGS)
  const rows = await compare(await few.serve(), await many.serve(), settings)
  return { manyCount, opens, rows: rows.map((row) => [dialect, ...row]) }
}

/** Whether using a broker key costs the same however many are stored, and whether showing them opens any. */
export const topic: Topic = {
  title: 'Many broker keys beside few',
  sampling: (settings) => ({ ...settings, sampleMs: 4 * settings.sampleMs }),
  async run(settings): Promise<Section[]> {
    const found = [await runOn('sqlite', settings), await runOn('postgres', settings)]
    return [
      {
        title: 'A use through the gateway, by how many keys are stored',
        notes: [
          `GET /v2/account on bin/outcry serve with its vault process and the broker's double, which answers at once; everything of it, audit entries included. ${FEW} keys of one member are used in turns, in the large table evenly all over it.`,
          'The others have rows of the same size whose pairs open nowhere; they belong to members with fifty each.',
          'At once: so many keep-alive connections, each sending its next request when it has its answer. The cost of a use is the time of the run divided by its number.',
        ],
        header: ['engine', 'at once', `${FEW} keys`, `${found[0]?.manyCount} keys`, 'many : few', 'demanded'],
        rows: found.flatMap(({ rows }) => rows),
      },
      {
        title: 'Keys opened by GET /api/v1/credentials?limit=50 (none)',
        notes: [
          'Counted in the vault itself, which runs in one process with the server here. The use afterwards shows that opens are counted; the run fails when a listing opens one.',
        ],
        header: ['listings', 'opened by them', 'opened by one use'],
        rows: found.map(({ opens }) => [opens.listings, opens.byListings, opens.byUse].map(String)),
      },
    ]
  },
}
