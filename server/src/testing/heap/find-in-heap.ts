import { createReadStream } from 'node:fs'

/** Every way in which a text could stand in memory as a text. */
export function spellingsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const inner = (encoding: 'base64' | 'base64url', skipped: number) =>
    // Note: the signs at either end depend on what stands beside the secret.
    Buffer.concat([Buffer.alloc(skipped), bytes])
      .toString(encoding)
      .slice(skipped === 0 ? 0 : 4, -4)
  return [
    secret,
    ...[0, 1, 2].flatMap((skipped) => [inner('base64', skipped), inner('base64url', skipped)]),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    [...secret].join('\\u0000'), // UTF-16 read as bytes
  ]
}

/** How often each text stands in a heap snapshot, in the order in which they were asked for. */
export async function countInHeap(path: string, texts: readonly string[]): Promise<number[]> {
  const counts = texts.map(() => 0)
  const overlap = Math.max(...texts.map(({ length }) => length)) - 1
  let rest = ''
  for await (const chunk of createReadStream(path, { encoding: 'latin1', highWaterMark: 1 << 20 })) {
    const text = rest + chunk
    texts.forEach((wanted, i) => {
      for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
        const wasCounted = at + wanted.length <= rest.length
        if (!wasCounted) counts[i] = (counts[i] ?? 0) + 1
      }
    })
    rest = text.slice(-overlap)
  }
  return counts
}
