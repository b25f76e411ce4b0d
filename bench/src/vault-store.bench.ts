import type { Dialect } from '../../server/src/platform/db/index.ts'
import { type MeasuredProcess, startMeasured } from './harness/measured-process.ts'
import { rateText, ratioText } from './harness/report.ts'
import { median, ratios } from './harness/stats.ts'
import { temporaryDatabases } from './harness/temporary-databases.ts'
import { type Section, type Settings, type Topic, WARM_UP_MS } from './harness/topic.ts'
import { apiRequest, type Connection, withConnections } from './http/connection.ts'
import { createInstance, databaseSettings } from './http/outcry-server.ts'
import { credentialRows, KIND, newPair } from './vault/credential-rows.ts'
import { seedFillers } from './vault/seed-credentials.ts'
import { type SeededDesk, seedDesks } from './vault/seed-desks.ts'
import { STORE_WAYS, type StoreArgument, type StoreWay } from './vault/store-way.ts'

const AT_MOST = 2
const DESKS = 768
const STORED_EACH = 2
const IN_FLIGHT = [1, 16] as const

const SCRIPT = new URL('./vault/store-process.ts', import.meta.url)

interface OverHttp {
  readonly url: URL
  readonly host: string
  readonly desks: readonly SeededDesk[]
  readonly tokens: readonly string[]
  readonly inFlight: number
  turn: number
}

/** Credentials stored per second by `POST /credentials/store`, over so many keep-alive connections. */
function storedPerSecond(http: OverHttp, forMs: number): Promise<number> {
  const { url, host, desks, tokens, inFlight } = http
  return withConnections(url, inFlight, async (connections) => {
    const fromMs = performance.now()
    let done = 0
    const run = async (connection: Connection) => {
      while (performance.now() - fromMs < forMs) {
        const at = http.turn++ % desks.length
        const body = {
          account_id: desks[at]?.accountId,
          credential_type: KIND.credential_type,
          validate: false,
          ...newPair(),
        }
        const token = tokens[at] ?? ''
        const answer = await connection.send(
          apiRequest(host, { method: 'POST', path: '/credentials/store', body, token }),
        )
        if (answer.status !== 201) throw new Error(`Storing answered ${answer.status}: ${answer.body}`)
        done++
      }
    }
    await Promise.all(connections.map(run))
    return (done * 1_000) / (performance.now() - fromMs)
  })
}

async function race(dialect: Dialect, inFlight: number, settings: Settings): Promise<string[]> {
  await using cleanup = new AsyncDisposableStack()
  const databases = await temporaryDatabases(dialect)
  cleanup.defer(databases.dispose)
  const location = await databases.empty()
  const instance = await createInstance(
    location,
    async (prepared, config) => {
      const seeded = await seedDesks(prepared, config, DESKS)
      const parts = { db: prepared.db, rows: await credentialRows({ OUTCRY_DATA_DIR: config.dataDir }) }
      const places = seeded.map(({ member, accountId }) => ({ userId: member.id, accountId }))
      await seedFillers(parts, places, STORED_EACH)
      return seeded
    },
    { OUTCRY_RATE_LIMITS: 'off' },
  )
  cleanup.defer(instance.dispose)
  await databases.settle(location)
  const desks = instance.seeded
  const storers = desks.map(({ member, accountId }) => ({
    ...{ userId: member.id, sessionId: member.sessionId },
    accountId,
  }))
  const start = async (way: StoreWay): Promise<MeasuredProcess> => {
    const env = { ...instance.env, ...databaseSettings(await databases.copy(location)) }
    const argument: StoreArgument = { env, way, storers, inFlight }
    const started = await startMeasured(SCRIPT, argument)
    cleanup.defer(started.end)
    return started
  }
  const [plain, audited, service] = [await start('plain'), await start('audited'), await start('service')]
  const server = await instance.start()
  cleanup.defer(server.stop)
  const http: OverHttp = {
    ...{ url: server.url, host: instance.config.publicUrl.host, desks, inFlight, turn: 0 },
    tokens: desks.map(({ member }) => member.issue().access_token),
  }
  const sides = {
    plain: (ms: number) => plain.measure(ms),
    audited: (ms: number) => audited.measure(ms),
    service: (ms: number) => service.measure(ms),
    http: (ms: number) => storedPerSecond(http, ms),
  }
  return [dialect, String(inFlight), ...(await measured(sides, settings))]
}

type Side = StoreWay | 'http'

/** The rate of each side, and its cost beside the plain insert's, from measurements in turns. */
async function measured(
  sides: Readonly<Record<Side, (ms: number) => Promise<number>>>,
  { rounds, sampleMs }: Settings,
): Promise<string[]> {
  const rates: Record<Side, number[]> = { plain: [], audited: [], service: [], http: [] }
  const order = [...STORE_WAYS, 'http'] as const
  for (const side of order) await sides[side](WARM_UP_MS)
  for (let round = 0; round < rounds; round++) {
    for (const side of order) rates[side].push(await sides[side](sampleMs))
  }
  const cost = (side: Side) => ratioText(ratios(rates.plain, rates[side]))
  return [...order.map((side) => rateText(median(rates[side]))), ...order.slice(1).map(cost)]
}

/** What storing a broker key costs beside writing its row. */
export const topic: Topic = {
  title: 'Storing a broker key',
  sampling: (settings) => ({ ...settings, sampleMs: 2 * settings.sampleMs }),
  async run(settings): Promise<Section[]> {
    const rows: string[][] = []
    for (const dialect of ['sqlite', 'postgres'] as const) {
      for (const inFlight of IN_FLIGHT) rows.push(await race(dialect, inFlight, settings))
    }
    return [
      {
        title: `Storing without asking the broker beside a plain INSERT (service : plain at most ${AT_MOST})`,
        notes: [
          'Plain: insertRow() of a row of the same columns and lengths, as the member, in a durable transaction of its own.',
          'With audit: the same with its audit entry in the same transaction, which takes its turn at the end of the hash chain until it is durable.',
          'Service: all that the server does behind its HTTP: the pair goes to the vault process and comes back sealed, and one durable transaction holds member and session, looks at the account and the number of keys, and adds row and audit entry. This is the cost of storing that is compared with the plain one; no HTTP is in either.',
          'HTTP: POST /api/v1/credentials/store with validate=false on bin/outcry serve over keep-alive connections, with everything. Rate limits are off.',
          `Each in a process and with a copy of the database of its own, ${DESKS} members in turns who have stored ${STORED_EACH} keys each before, in turns with the others. The ratios are costs: how many plain inserts take as long.`,
        ],
        header: [
          ...['engine', 'at once', 'plain, per second', 'with audit', 'service', 'HTTP'],
          ...['with audit : plain', 'service : plain', 'HTTP : plain'],
        ],
        rows,
      },
    ]
  },
}
