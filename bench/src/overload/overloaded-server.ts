import { setTimeout as wait } from 'node:timers/promises'
import type { Dialect } from '../../../server/src/platform/db/index.ts'
import { temporaryDatabases } from '../harness/temporary-databases.ts'
import { apiRequest, Connection } from '../http/connection.ts'
import { createInstance, type OutcryInstance, type OutcryServer } from '../http/outcry-server.ts'
import { PASSWORD, type SeededMember, seedMembers } from '../http/seed-members.ts'
import { openGateway } from '../vault/gateway-use.ts'
import { startStandIn } from '../vault/start-stand-in.ts'

const MEMBERS = 600
const READERS = 100
const KEY_OWNERS = 8
const HEALTH_PAUSE_MS = 10

/** What a server can be asked, whole requests each. */
export interface Requests {
  readonly me: readonly Buffer[]
  readonly users: readonly Buffer[]
  readonly logins: readonly Buffer[]
  readonly uses: readonly Buffer[]
  readonly metrics: Buffer
  readonly health: Buffer
}

/** An instance with members who sign in, read, and use keys of theirs at a double of the broker. */
export interface Site extends AsyncDisposable {
  start(): Promise<OutcryServer>
  /** The members' keys are stored over HTTP the first time. */
  requests(server: OutcryServer): Promise<Requests>
}

/** Makes one, rate limits off. */
export async function makeSite(dialect: Dialect): Promise<Site> {
  const cleanup = new AsyncDisposableStack()
  const databases = await temporaryDatabases(dialect)
  cleanup.defer(databases.dispose)
  const standIn = await startStandIn()
  cleanup.defer(standIn.stop)
  const instance = await createInstance(
    await databases.empty(),
    (prepared, config) => seedMembers(prepared, config, { count: MEMBERS, hasPassword: true }),
    { OUTCRY_RATE_LIMITS: 'off', OUTCRY_ALPACA_PAPER_URL: standIn.url },
  )
  cleanup.defer(instance.dispose)
  let uses: Promise<Buffer[]> | undefined
  return {
    start: () => instance.start(),
    async requests(server) {
      uses ??= storeKeys(instance, server, standIn.url)
      return { ...requestsFor(instance), uses: await uses }
    },
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  }
}

type Seeded = OutcryInstance & { readonly seeded: readonly SeededMember[] }

/** Stores one key of each owner; gives a use of each. */
async function storeKeys(instance: Seeded, server: OutcryServer, broker: string): Promise<Buffer[]> {
  const uses: Buffer[] = []
  for (const member of instance.seeded.slice(0, KEY_OWNERS)) {
    const { gateway } = await openGateway({ ...instance, seeded: [member] }, server, broker)
    uses.push(gateway.next())
  }
  return uses
}

function requestsFor({ config, seeded }: Seeded): Omit<Requests, 'uses'> {
  const { host } = config.publicUrl
  const read = (path: string) =>
    seeded
      .slice(0, READERS)
      .map((member) => apiRequest(host, { method: 'GET', path, token: member.issue().access_token }))
  const plain = (path: string) => Buffer.from(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\n\r\n`)
  return {
    me: read('/auth/me'),
    users: read('/users?limit=20'),
    logins: seeded.slice(READERS).map(({ username }) =>
      apiRequest(host, {
        method: 'POST',
        path: '/auth/login/json',
        body: { username_or_email: username, password: PASSWORD },
      }),
    ),
    metrics: plain('/metrics'),
    health: plain('/health/ready'),
  }
}

/** Looks at the health of a server again and again until it is stopped; gives the milliseconds of each look. */
export async function watchHealth(
  url: URL,
  health: Buffer,
): Promise<{ stop(): Promise<{ times: number[]; statuses: ReadonlySet<number> }> }> {
  const connection = await Connection.open(url)
  const [times, statuses]: [number[], Set<number>] = [[], new Set()]
  let isStopped = false
  const watch = async () => {
    while (!isStopped) {
      const { status, ms } = await connection.send(health)
      times.push(ms)
      statuses.add(status)
      await wait(HEALTH_PAUSE_MS)
    }
    connection.close()
  }
  const watching = watch()
  watching.catch(() => undefined) // it is asked in the end
  return {
    async stop() {
      isStopped = true
      await watching
      return { times, statuses }
    },
  }
}
