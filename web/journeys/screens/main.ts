import { mkdir, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Browser } from 'playwright-core'
import type { Demo } from '../../../tools/src/demo/start-demo.ts'
import { startDemoDesk } from '../testing/demo-desk.ts'
import { launchBrowser } from '../testing/launch-browser.ts'
import { audienceOf } from '../testing/page-table.ts'
import { DESK, openVisitor, PHONE, type Visitor, type VisitorTraits } from '../testing/visitor.ts'

const FOLDER = fileURLToPath(new URL('../../../screens/', import.meta.url))
const README_PICTURE = fileURLToPath(new URL('../../../docs/home.png', import.meta.url))
const REVEAL_MS = 500 // React holds back what was loaded late for 300 ms, so that pages do not flicker

const { values: flags } = parseArgs({ options: { readme: { type: 'boolean', default: false } } })
const say = (line: string) => void process.stdout.write(`${line}\n`)

await using cleanup = new AsyncDisposableStack()
const demo = await startDemoDesk(say)
cleanup.defer(() => demo.stop())
const browser = cleanup.use(await launchBrowser())
if (flags.readme) await takeReadmePicture(browser, demo)
else await takeScreens(browser, demo)

async function takeReadmePicture(browser: Browser, demo: Demo): Promise<void> {
  const visitor = await openVisitor(browser, demo.url, { width: 1200 })
  await visitor.signIn({ username: demo.username, password: demo.password })
  await openDrawn(visitor, '/home')
  await visitor.page.screenshot({ path: README_PICTURE, fullPage: true })
  say(`Wrote ${README_PICTURE}.`)
}

async function takeScreens(browser: Browser, demo: Demo): Promise<void> {
  await rm(FOLDER, { recursive: true, force: true })
  await mkdir(FOLDER, { recursive: true })
  for (const theme of ['light', 'dark'] as const) {
    for (const width of [PHONE, DESK]) await takeEveryPage(browser, demo, { theme, width })
  }
}

async function takeEveryPage(browser: Browser, demo: Demo, traits: Required<VisitorTraits>): Promise<void> {
  const { username, adminName, password } = demo
  const open = async (name?: string) => {
    const visitor = await openVisitor(browser, demo.url, traits)
    if (name !== undefined) await visitor.signIn({ username: name, password })
    return visitor
  }
  const visitors = {
    visitor: await open(),
    member: await open(username),
    administrator: await open(adminName),
  }
  for (const [path, audience] of Object.entries(audienceOf)) {
    await takeScreen(visitors[audience], path, traits)
  }
  for (const { context, log } of Object.values(visitors)) {
    for (const fault of log.faults()) say(`Not as it should be: ${fault}`)
    await context.close()
  }
}

async function openDrawn(visitor: Visitor, path: string): Promise<void> {
  await visitor.open(path)
  await visitor.page.waitForTimeout(REVEAL_MS)
}

async function takeScreen(visitor: Visitor, path: string, { theme, width }: Required<VisitorTraits>) {
  await openDrawn(visitor, path)
  const name = path === '/' ? 'welcome' : path.slice(1).replaceAll('/', '-')
  const file = `${FOLDER}${name}-${width}-${theme}.png`
  await visitor.page.screenshot({ path: file, fullPage: true })
  say(file)
}
