import type { Page } from 'playwright-core'
import type { Visitor } from '../testing/visitor.ts'

/** How long it took to switch, and how much of that the answer about the new figures. */
export interface Switch {
  readonly shownMs: number
  readonly answerMs: number
}

const ACCOUNT_DATA = /\/account-data$/

/** Opens the desk with nothing remembered and chooses another paper credential in the header. */
export async function measureSwitching({ page, open }: Visitor): Promise<Switch> {
  await open('/home')
  await page.locator('dl dd').first().waitFor()
  await page.locator('#credential-switcher').click()
  const other = page.locator('[role=menuitemradio][aria-checked=false]', { hasText: 'PAPER' }).first()
  await other.waitFor()
  const answered = page.waitForResponse((response) => ACCOUNT_DATA.test(response.url()))
  const shown = watchFigures(page)
  await other.click()
  const shownMs = await shown
  const { responseEnd, requestStart } = (await answered).request().timing()
  return { shownMs, answerMs: responseEnd - requestStart }
}

/** From the press on the choice until figures are drawn that are not those before. */
function watchFigures(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const figures = () => document.querySelector('dl')?.textContent
        const before = figures()
        const watch = (pressedMs: number) => {
          const now = figures()
          if (now === undefined || now === before) return void requestAnimationFrame(() => watch(pressedMs))
          requestAnimationFrame(() => resolve(performance.now() - pressedMs))
        }
        addEventListener('pointerup', ({ timeStamp }) => watch(timeStamp), { capture: true, once: true })
      }),
  )
}
