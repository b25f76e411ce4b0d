import { setTimeout as wait } from 'node:timers/promises'
import { type Connection, withConnections } from '../http/connection.ts'

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
export function allInFlight(url: URL, request: Buffer, how: { lanes: number; ms: number }): Promise<Timed> {
  return withConnections(url, how.lanes, async (connections) => {
    const times: number[] = []
    const fromMs = performance.now()
    const run = async (connection: Connection) => {
      while (performance.now() - fromMs < how.ms) times.push(await timeOf(connection, request))
    }
    await Promise.all(connections.map(run))
    return { perSecond: (times.length * 1_000) / (performance.now() - fromMs), times }
  })
}

/** Requests at an even pace, whatever the answers take: each waits for its moment, then for a free connection. */
export function atPace(
  url: URL,
  request: Buffer,
  how: { lanes: number; ms: number; perSecond: number },
): Promise<Timed> {
  return withConnections(url, how.lanes, async (connections) => {
    const times: number[] = []
    const fromMs = performance.now()
    const count = Math.floor((how.ms * how.perSecond) / 1_000)
    let next = 0
    const run = async (connection: Connection) => {
      for (let at = next++; at < count; at = next++) {
        const dueMs = fromMs + (at * 1_000) / how.perSecond
        const earlyMs = dueMs - performance.now()
        if (earlyMs > 0) await wait(earlyMs)
        const lateMs = Math.max(0, performance.now() - dueMs - 1) // timers are a millisecond coarse
        times.push((await timeOf(connection, request)) + lateMs)
      }
    }
    await Promise.all(connections.map(run))
    return { perSecond: (times.length * 1_000) / (performance.now() - fromMs), times }
  })
}
