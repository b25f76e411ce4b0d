import { type Connection, withConnections } from './connection.ts'
import { pace } from './pace.ts'

/** What is asked where: the request that is sent next. */
export interface Asked {
  readonly url: URL
  readonly next: () => Buffer
}

/** What a run of requests took. */
export interface Timed {
  readonly perSecond: number
  /** Milliseconds of each request. */
  readonly times: readonly number[]
}

async function timeOf(connection: Connection, request: Buffer): Promise<number> {
  const { status, body, ms } = await connection.send(request)
  if (status !== 200) throw new Error(`Answered ${status}: ${body.slice(0, 200)}`)
  return ms
}

/** As many requests as go through `lanes` connections, each of which sends its next one when it has its answer. */
export function allInFlight({ url, next }: Asked, how: { lanes: number; ms: number }): Promise<Timed> {
  return withConnections(url, how.lanes, async (connections) => {
    const times: number[] = []
    const fromMs = performance.now()
    const run = async (connection: Connection) => {
      while (performance.now() - fromMs < how.ms) times.push(await timeOf(connection, next()))
    }
    await Promise.all(connections.map(run))
    return { perSecond: (times.length * 1_000) / (performance.now() - fromMs), times }
  })
}

/**
 * Requests at an even pace, whatever the answers take: each waits for its moment, then for a free connection, and waiting
 * for a connection counts. The rate is that of the answers, from the first one on.
 */
export function atPace(
  { url, next }: Asked,
  how: { lanes: number; ms: number; perSecond: number },
): Promise<Timed> {
  return withConnections(url, how.lanes, async (connections) => {
    const times: number[] = []
    const due = pace(how.perSecond)
    const count = Math.floor((how.ms * how.perSecond) / 1_000)
    let [begun, firstMs] = [0, 0]
    const run = async (connection: Connection) => {
      for (let at = begun++; at < count; at = begun++) {
        const lateMs = await due(at)
        times.push((await timeOf(connection, next())) + lateMs)
        firstMs ||= performance.now()
      }
    }
    await Promise.all(connections.map(run))
    return { perSecond: ((times.length - 1) * 1_000) / (performance.now() - firstMs), times }
  })
}
