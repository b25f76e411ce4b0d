import type { Browser } from 'playwright-core'
import { DESK, openVisitor } from '../testing/visitor.ts'

const SLOWED = 4
const QUIET_MS = 2_000

/**
 * How long the sign-in page takes with an empty cache until its fields are drawn and the last long task is over, as
 * Lighthouse counts "time to interactive" with a shorter wait for quiet.
 */
export async function measureSignIn(browser: Browser, url: string): Promise<number> {
  const { context, page } = await openVisitor(browser, url, { width: DESK })
  const session = await context.newCDPSession(page)
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWED })
  await page.addInitScript(noteLongTasks)
  await page.goto('/signin')
  await page.locator('input[autocomplete~="username"]').waitFor()
  await page.waitForTimeout(QUIET_MS)
  const interactiveMs = await page.evaluate(() =>
    Math.max(window.drawnMs ?? Number.NaN, window.busyUntilMs ?? 0),
  )
  await context.close()
  return interactiveMs
}

declare global {
  interface Window {
    drawnMs?: number
    busyUntilMs?: number
  }
}

/** Runs in the page before anything of its own. */
function noteLongTasks(): void {
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) window.busyUntilMs = startTime + duration
  }).observe({ type: 'longtask', buffered: true })
  const look = () => {
    if (document.querySelector('input[autocomplete~="username"]') === null)
      return void requestAnimationFrame(look)
    requestAnimationFrame(() => {
      window.drawnMs = performance.now()
    })
  }
  requestAnimationFrame(look)
}
