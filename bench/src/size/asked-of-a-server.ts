import type { DatabaseLocation } from '../../../server/src/platform/db/index.ts'
import { ratioText } from '../harness/report.ts'
import { median, ratios } from '../harness/stats.ts'
import type { TemporaryDatabases } from '../harness/temporary-databases.ts'
import { type Settings, WARM_UP_MS } from '../harness/topic.ts'
import { apiRequest, withConnections } from '../http/connection.ts'
import { allInFlight } from '../http/in-flight.ts'
import { createInstance } from '../http/outcry-server.ts'
import { PASSWORD, seedMembers } from '../http/seed-members.ts'
import { scramble } from '../posts/post-factory.ts'

const SEED_BATCH = 10_000
const LONGEST_PAGE = 100
const LANES = 4

/** What is asked, evenly over all members. */
type Requests = ReadonlyMap<string, readonly Buffer[]>

interface Side {
  readonly url: URL
  readonly requests: Requests
}

interface Place {
  readonly databases: TemporaryDatabases
  readonly cleanup: AsyncDisposableStack
}

interface Who {
  readonly id: string
  readonly username: string
}

async function seeded(location: DatabaseLocation, count: number) {
  return createInstance(
    location,
    async (prepared, config) => {
      const members: Who[] = []
      while (members.length < count) {
        const prefix = `m${members.length / SEED_BATCH}_`
        const batch = await seedMembers(prepared, config, { count: SEED_BATCH, prefix, hasPassword: true })
        for (const { id, username } of batch) members.push({ id, username })
      }
      return members
    },
    { OUTCRY_RATE_LIMITS: 'off' },
  )
}

/** The page after each hundred members, found by leafing through all of them. */
function pagesOf(url: URL, host: string): Promise<Buffer[]> {
  const pageAt = (limit: number, cursor: string) =>
    apiRequest(host, { method: 'GET', path: `/users?limit=${limit}${cursor && `&cursor=${cursor}`}` })
  return withConnections(url, 1, async ([connection]) => {
    const pages: Buffer[] = []
    for (let cursor = ''; connection; ) {
      const { body } = await connection.send(pageAt(LONGEST_PAGE, cursor))
      const { next_cursor: next }: { next_cursor: string | null } = JSON.parse(body)
      if (next === null) break
      cursor = encodeURIComponent(next)
      pages.push(pageAt(20, cursor))
    }
    return pages
  })
}

/** A running server with so many members, who can all sign in. */
async function serverWith(count: number, { databases, cleanup }: Place): Promise<Side> {
  const location = await databases.empty()
  const instance = await seeded(location, count)
  cleanup.defer(instance.dispose)
  await databases.settle(location)
  const { url, stop } = await instance.start()
  cleanup.defer(stop)
  const { host } = instance.config.publicUrl
  const step = Math.max(1, Math.floor(count / SEED_BATCH))
  const some = instance.seeded.filter((_, at) => at % step === 0)
  return {
    url,
    requests: new Map([
      ['GET /users/{id}', some.map(({ id }) => apiRequest(host, { method: 'GET', path: `/users/${id}` }))],
      [
        'GET /users/{username}',
        some.map(({ username }) => apiRequest(host, { method: 'GET', path: `/users/${username}` })),
      ],
      ['GET /users?limit=20&cursor={cursor}', await pagesOf(url, host)],
      [
        'POST /auth/login/json',
        some.map(({ username }) =>
          apiRequest(host, {
            method: 'POST',
            path: '/auth/login/json',
            body: { username_or_email: username, password: PASSWORD },
          }),
        ),
      ],
    ]),
  }
}

/** Milliseconds per request. */
async function cost({ url, requests }: Side, title: string, ms: number): Promise<number> {
  const those = requests.get(title) ?? []
  let turn = 0
  const next = () => those[scramble(turn++) % those.length] ?? Buffer.alloc(0)
  return 1_000 / (await allInFlight({ url, next }, { lanes: LANES, ms })).perSecond
}

/** Rows of what a request costs with few and with many members. */
export async function compareServers(
  databases: TemporaryDatabases,
  counts: { few: number; many: number },
  settings: Settings,
): Promise<string[][]> {
  await using cleanup = new AsyncDisposableStack()
  const few = await serverWith(counts.few, { databases, cleanup })
  const many = await serverWith(counts.many, { databases, cleanup })
  const rows: string[][] = []
  for (const title of few.requests.keys()) {
    const costs = { few: [] as number[], many: [] as number[] }
    for (const side of [few, many]) await cost(side, title, WARM_UP_MS / 2)
    for (let round = 0; round < settings.rounds; round++) {
      costs.few.push(await cost(few, title, settings.sampleMs))
      costs.many.push(await cost(many, title, settings.sampleMs))
    }
    const ms = (values: readonly number[]) => `${median(values).toFixed(2)} ms`
    rows.push([title, ms(costs.few), ms(costs.many), ratioText(ratios(costs.many, costs.few))])
  }
  return rows
}
