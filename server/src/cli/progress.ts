import type { CopyProgress } from '../platform/db/copy/fill-tables.ts'

const EVERY_MS = 1_000
const VERBS = { copy: 'copied', link: 'linked', verify: 'verified' } as const

/** Prints how far a copy is: a line when a table is done and one every second while it is not. */
export function progressPrinter(write: (line: string) => void): (progress: CopyProgress) => void {
  let current = ''
  let startedAt = 0
  let printedAt = 0
  return ({ step, table, rows, total }) => {
    const now = performance.now()
    if (current !== `${step} ${table}`) {
      current = `${step} ${table}`
      startedAt = printedAt = now
    }
    const isDone = rows >= total
    if (!isDone && now - printedAt < EVERY_MS) return
    printedAt = now
    const percent = total === 0 ? 100 : Math.floor((100 * rows) / total)
    const seconds = (now - startedAt) / 1_000
    const speed = seconds < 0.05 ? '' : `  ${Math.round(rows / seconds).toLocaleString('en')} rows/s`
    write(`${VERBS[step]}  ${table}  ${rows.toLocaleString('en')} rows  ${percent} %${speed}`)
  }
}
