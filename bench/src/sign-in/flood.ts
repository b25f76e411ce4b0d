import { setTimeout as wait } from 'node:timers/promises'
import { forgetPeak, peakMegabytes } from '../../../server/src/testing/resident-memory.ts'
import { quantile } from '../harness/stats.ts'
import type { Answer, Connection } from '../http/connection.ts'
import { withConnections } from '../http/connection.ts'
import type { OutcryServer } from '../http/outcry-server.ts'

const PROBE_PAUSE_MS = 2
const RESOLUTION_MS = 10 // of the event-loop delay in prom-client: what is measured holds one interval of its timer

/** What one run under a flood of sign-ins showed; times in milliseconds. */
export interface FloodFigures {
  readonly acceptedPerSecond: number
  /** Of the answers that turn a sign-in away. */
  readonly shedP99: number
  readonly meP50: number
  readonly meP99: number
  /** The longest time that the event loop did not turn. */
  readonly longestStall: number
  /** The most that was resident meanwhile, in MiB. */
  readonly peakMegabytes: number
}

export interface Flood {
  readonly server: OutcryServer
  readonly forMs: number
  /** One for each client that signs in. */
  readonly logins: readonly Buffer[]
  /** Signed-in reads, sent one after another meanwhile. */
  readonly reads: readonly Buffer[]
  readonly metrics: Buffer
}

function retryAfterMs({ head }: Answer): number {
  return Number(/\r\nretry-after: (\d+)/i.exec(head)?.[1] ?? 1) * 1_000
}

interface Counts {
  accepted: number
  readonly shedMs: number[]
}

/** A client that wants in: when it is turned away it waits as long as it is told and comes again. */
async function keepSigningIn(
  connection: Connection,
  login: Buffer,
  { endMs, end, counts }: { endMs: number; end: AbortSignal; counts: Counts },
): Promise<void> {
  while (performance.now() < endMs) {
    const answer = await connection.send(login)
    if (answer.status === 200) counts.accepted++
    else if (answer.status === 503) {
      counts.shedMs.push(answer.ms)
      await wait(retryAfterMs(answer), undefined, { signal: end }).catch(() => undefined)
    } else throw new Error(`Signing in answered ${answer.status}: ${answer.body}`)
  }
}

async function probe(connection: Connection, reads: readonly Buffer[], endMs: number): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; performance.now() < endMs; i++) {
    const { status, body, ms } = await connection.send(reads[i % reads.length] ?? Buffer.alloc(0))
    if (status !== 200) throw new Error(`Reading answered ${status}: ${body}`)
    times.push(ms)
    await wait(PROBE_PAUSE_MS)
  }
  return times
}

async function longestStall(connection: Connection, metrics: Buffer): Promise<number> {
  const { body } = await connection.send(metrics)
  const seconds = Number(/^nodejs_eventloop_lag_max_seconds(?:\{.*\})? (\S+)$/m.exec(body)?.[1])
  return seconds * 1_000 - RESOLUTION_MS
}

/** All clients sign in at the same moment and go on until the time is over, while one reads its own account. */
export async function flood({ server, forMs, logins, reads, metrics }: Flood): Promise<FloodFigures> {
  return withConnections(server.url, logins.length + 1, async ([reader, ...clients]) => {
    if (!reader) throw new Error('There is no connection to read with.')
    await longestStall(reader, metrics) // what was before does not count
    await forgetPeak(server.pid)
    const startedMs = performance.now()
    const endMs = startedMs + forMs
    const end = AbortSignal.timeout(forMs)
    const counts: Counts = { accepted: 0, shedMs: [] }
    const [readMs] = await Promise.all([
      probe(reader, reads, endMs),
      ...clients.map((client, i) =>
        keepSigningIn(client, logins[i] ?? Buffer.alloc(0), { endMs, end, counts }),
      ),
    ])
    return {
      acceptedPerSecond: (counts.accepted * 1_000) / (performance.now() - startedMs),
      shedP99: quantile(counts.shedMs, 0.99),
      meP50: quantile(readMs, 0.5),
      meP99: quantile(readMs, 0.99),
      longestStall: await longestStall(reader, metrics),
      peakMegabytes: await peakMegabytes(server.pid),
    }
  })
}
