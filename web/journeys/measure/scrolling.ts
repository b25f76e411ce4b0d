import type { Page } from 'playwright-core'
import type { Visitor } from '../testing/visitor.ts'

const POSITIONS = 500
const STEP_PX = 120 // a notch of a mouse wheel

/** Makes the server answer 500 positions on this page: its own, again and again under other names. */
export async function answerManyPositions(page: Page): Promise<void> {
  await page.route('**/api/v1/positions?**', async (route) => {
    const response = await route.fetch()
    const body: { positions: Record<string, unknown>[] } = await response.json()
    const positions = Array.from({ length: POSITIONS }, (_, at) => {
      const one = body.positions[at % body.positions.length]
      return { ...one, asset_id: crypto.randomUUID(), symbol: `${one?.symbol}${at}` }
    })
    await route.fulfill({ response, json: { ...body, positions } })
  })
}

/** Scrolls through the whole page by the wheel and gives the longest time between two frames, in milliseconds. */
export async function measureScrolling({ page, open }: Visitor): Promise<number> {
  await open('/positions')
  await page
    .locator('tbody tr')
    .nth(POSITIONS - 1)
    .waitFor()
  const height = await page.evaluate(() => document.documentElement.scrollHeight)
  await page.mouse.move(600, 500)
  await page.evaluate(noteFrames)
  for (let at = 0; at < height; at += STEP_PX) await page.mouse.wheel(0, STEP_PX)
  return page.evaluate(() => {
    window.isNoting = false
    return window.longestFrameMs ?? Number.NaN
  })
}

declare global {
  interface Window {
    isNoting?: boolean
    longestFrameMs?: number
  }
}

function noteFrames(): void {
  let beforeMs: number | undefined
  window.isNoting = true
  window.longestFrameMs = 0
  const note = (nowMs: number) => {
    if (beforeMs !== undefined) window.longestFrameMs = Math.max(window.longestFrameMs ?? 0, nowMs - beforeMs)
    beforeMs = nowMs
    if (window.isNoting) requestAnimationFrame(note)
  }
  requestAnimationFrame(note)
}
