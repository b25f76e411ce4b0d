import { Connection } from './connection.ts'
import type { Asked } from './in-flight.ts'
import { pace } from './pace.ts'

/** What became of uses that ran beside something else. */
export interface UsesBeside {
  /** Milliseconds of each use that was answered with 200, in the order of the answers. */
  readonly times: readonly number[]
  /** How many were answered with something else, or not at all. */
  readonly failed: number
  readonly perSecond: number
}

/** Uses that go on until they are stopped. */
export interface RunningUses {
  stop(): Promise<UsesBeside>
}

/**
 * Asks at an even pace over so many connections, whatever the answers take; a use that is late counts from the moment at
 * which it was due. A connection that breaks fails its use and is opened anew.
 */
export function usesBeside({ url, next }: Asked, how: { lanes: number; perSecond: number }): RunningUses {
  const times: number[] = []
  const fromMs = performance.now()
  const due = pace(how.perSecond)
  let [begun, failed, isStopped] = [0, 0, false]
  const run = async () => {
    let connection: Connection | undefined
    while (!isStopped) {
      const lateMs = await due(begun++)
      try {
        connection ??= await Connection.open(url)
        const { status, ms } = await connection.send(next())
        if (status === 200) times.push(ms + lateMs)
        else failed++
      } catch {
        failed++
        connection = undefined
      }
    }
    connection?.close()
  }
  const lanes = Promise.all(Array.from({ length: how.lanes }, run))
  return {
    async stop() {
      isStopped = true
      await lanes
      return { times, failed, perSecond: ((times.length + failed) * 1_000) / (performance.now() - fromMs) }
    },
  }
}
