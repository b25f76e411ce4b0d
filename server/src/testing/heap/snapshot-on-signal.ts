import { writeHeapSnapshot } from 'node:v8'

/** Proof that a search finds what is there: kept in the memory of every process that is looked into. */
const MARKER = ['heap', 'marker', String(6 * 7)].join('-')

/** Writes the heap into `path` at each SIGUSR2 and says `snapshot` when it is there. For programs under test alone. */
export function snapshotOnSignal(path: string): void {
  const kept = { marker: MARKER }
  process.on('SIGUSR2', () => {
    writeHeapSnapshot(path)
    process.stdout.write(`snapshot ${kept.marker.length}\n`)
  })
}
