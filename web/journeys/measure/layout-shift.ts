import type { Visitor } from '../testing/visitor.ts'

const LATE_MS = 1_000 // what comes late, such as a chart, may still push things

declare global {
  interface Window {
    layoutShift?: number
  }
  interface PerformanceEntry {
    readonly value?: number
    readonly hadRecentInput?: boolean
  }
}

/** Begins to count on every page that this visitor opens. */
export async function countShifts({ page }: Visitor): Promise<void> {
  await page.addInitScript(() => {
    window.layoutShift = 0
    new PerformanceObserver((list) => {
      for (const { value = 0, hadRecentInput } of list.getEntries()) {
        if (!hadRecentInput) window.layoutShift = (window.layoutShift ?? 0) + value
      }
    }).observe({ type: 'layout-shift', buffered: true })
  })
}

/** How far a page's parts moved by themselves while it loaded: Layout Instability API, summed up. */
export async function measureShift({ page, open }: Visitor, path: string): Promise<number> {
  await open(path)
  await page.waitForTimeout(LATE_MS)
  return page.evaluate(() => window.layoutShift ?? Number.NaN)
}
