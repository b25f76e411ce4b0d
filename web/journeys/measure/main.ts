import type { Browser } from 'playwright-core'
import type { Demo } from '../../../tools/src/demo/start-demo.ts'
import { startDemoDesk } from '../testing/demo-desk.ts'
import { launchBrowser } from '../testing/launch-browser.ts'
import { audienceOf } from '../testing/page-table.ts'
import { DESK, openVisitor, PHONE, type Visitor } from '../testing/visitor.ts'
import type { WebFigures } from './figures.ts'
import { countShifts, measureShift } from './layout-shift.ts'
import { answerManyPositions, measureScrolling } from './scrolling.ts'
import { measureSignIn } from './sign-in.ts'
import { measureSwitching } from './switching.ts'

/**
 * A program of its own for `npm run bench -- --only web`: measures the demo in the browser, and sends `WebFigures` to
 * whoever started it.
 */
const { rounds }: { rounds: number } = JSON.parse(process.argv[2] ?? '{}')

await using cleanup = new AsyncDisposableStack()
const demo = await startDemoDesk((line) => void process.stderr.write(`${line}\n`))
cleanup.defer(() => demo.stop())
const browser = cleanup.use(await launchBrowser())
const figures = await measure(browser, demo)
process.send?.(figures)

async function measure(browser: Browser, demo: Demo): Promise<WebFigures> {
  const signInMs = await times(rounds, () => measureSignIn(browser, demo.url))
  const member = await openMember(browser, demo, DESK)
  const switches = await times(rounds, () => measureSwitching(member))
  await answerManyPositions(member.page)
  const longestFrameMs = await times(rounds, () => measureScrolling(member))
  await member.context.close()
  return {
    browser: `Chromium ${browser.version()}`,
    signInMs,
    switchingMs: switches.map(({ shownMs }) => shownMs),
    answerMs: switches.map(({ answerMs }) => answerMs),
    longestFrameMs,
    shifts: await measureShifts(browser, demo),
  }
}

async function openMember(
  browser: Browser,
  { url, username, password }: Demo,
  width: number,
): Promise<Visitor> {
  const visitor = await openVisitor(browser, url, { width })
  await visitor.signIn({ username, password })
  return visitor
}

/** In turn, and once before that counts for nothing. */
async function times<T>(count: number, run: () => Promise<T>): Promise<T[]> {
  await run()
  const found: T[] = []
  for (let round = 0; round < count; round++) found.push(await run())
  return found
}

async function measureShifts(browser: Browser, demo: Demo): Promise<WebFigures['shifts']> {
  const byWidth = async (width: number) => {
    const visitor = await openVisitor(browser, demo.url, { width })
    const member = await openMember(browser, demo, width)
    const administrator = await openMember(browser, { ...demo, username: demo.adminName }, width)
    const visitors = { visitor, member, administrator }
    const shifts = new Map<string, number>()
    for (const each of Object.values(visitors)) await countShifts(each)
    for (const [path, audience] of Object.entries(audienceOf)) {
      shifts.set(path, await measureShift(visitors[audience], path))
    }
    for (const { context } of Object.values(visitors)) await context.close()
    return shifts
  }
  const [phone, desk] = [await byWidth(PHONE), await byWidth(DESK)]
  return Object.keys(audienceOf).map((path) => ({
    path,
    phone: phone.get(path) ?? Number.NaN,
    desk: desk.get(path) ?? Number.NaN,
  }))
}
