import { type MannWhitney, mannWhitney } from '../harness/mann-whitney.ts'
import { median } from '../harness/stats.ts'
import type { Answer, Connection } from '../http/connection.ts'

/** Two requests that a stranger must not be able to tell apart. */
export interface Pair {
  readonly known: Buffer
  readonly unknown: Buffer
}

/** How long the two kinds of requests took, in milliseconds, and whether a difference shows. */
export interface Comparison {
  readonly pairs: number
  readonly known: number
  readonly unknown: number
  readonly test: MannWhitney
}

/** What a stranger sees of an answer, without what is another in every answer. */
function seen({ head, body }: Answer): string {
  const lines = head.split('\r\n').filter((line) => !/^(date|x-request-id):/i.test(line))
  return [...lines, body.replace(/"(instance|request_id)":"[^"]*"/g, '')].join('\n')
}

/**
 * Sends pairs of requests one after another over one connection, each kind first in every other pair, and compares the
 * times. Throws when the answers themselves differ.
 */
export async function compareAnswers(connection: Connection, pairs: readonly Pair[]): Promise<Comparison> {
  const times = { known: [] as number[], unknown: [] as number[] }
  for (const [i, pair] of pairs.entries()) {
    const kinds = i % 2 === 0 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)
    const [first, second] = [await connection.send(pair[kinds[0]]), await connection.send(pair[kinds[1]])]
    if (seen(first) !== seen(second)) {
      throw new Error(`The answers differ:\n${kinds[0]}: ${seen(first)}\n${kinds[1]}: ${seen(second)}`)
    }
    times[kinds[0]].push(first.ms)
    times[kinds[1]].push(second.ms)
  }
  const { known, unknown } = times
  return {
    pairs: pairs.length,
    known: median(known),
    unknown: median(unknown),
    test: mannWhitney(known, unknown),
  }
}
