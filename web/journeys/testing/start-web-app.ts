import { fileURLToPath } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished } from 'vitest'
import { startVaultApp } from '../../../server/src/testing/factories-vault.ts'
import { fixedClock } from '../../../server/src/testing/fixed-clock.ts'
import type { TestApp, TestAppOptions } from '../../../server/src/testing/start-test-app.ts'
import type { StandIn } from '../../../tools/alpaca-stand-in/src/index.ts'
import { openFrontDoor } from './front-door.ts'
import { openVisitor, type Visitor, type VisitorTraits } from './visitor.ts'

/** The real application with its web app and the double of a broker, at an address that browsers reach. */
export interface WebApp extends AsyncDisposable {
  /** Its origin. */
  readonly url: string
  readonly app: TestApp
  readonly broker: StandIn
}

const BUILT = fileURLToPath(new URL('../../dist/', import.meta.url))

/** Starts one. Its clock stands still at the time of its start, so that it and the browser agree; mail waits in memory. */
export async function startWebApp(options: TestAppOptions): Promise<WebApp> {
  await using starting = new AsyncDisposableStack()
  const door = starting.use(await openFrontDoor())
  const clock = options.clock ?? fixedClock(new Date())
  const env = { OUTCRY_PUBLIC_URL: door.url, ...options.env }
  const { app, broker } = starting.use(await startVaultApp({ ...options, clock, env, webAppDir: BUILT }))
  door.leadTo(app.url)
  const running = starting.move()
  return { url: door.url, app, broker, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

/** What a journey sees; valid inside tests. */
export interface WebFixture extends Omit<WebApp, keyof AsyncDisposable> {
  readonly dialect: TestAppOptions['dialect']
  /** A browser of somebody's own for this test, closed after it. The test fails when the log holds anything unexpected. */
  open(traits?: VisitorTraits): Promise<Visitor>
}

interface JourneyOptions extends Omit<TestAppOptions, 'dialect'> {
  /** Both for the main journeys; SQLite alone for what the database cannot change. */
  readonly dialects?: readonly TestAppOptions['dialect'][]
}

/** Runs journeys in a real browser against one application for each database. */
export function describeWebApp(
  title: string,
  { dialects = ['sqlite'], ...options }: JourneyOptions,
  suite: (on: WebFixture) => void,
): void {
  describe.each(dialects)(`${title} on %s`, (dialect) => {
    let running: { readonly web: WebApp; readonly browser: Browser } | undefined
    beforeAll(async () => {
      const web = await startWebApp({ dialect, ...options })
      running = { web, browser: await chromium.connect(inject('browser')) }
    })
    afterAll(async () => {
      await running?.browser.close()
      await running?.web[Symbol.asyncDispose]()
    })
    const required = () => {
      if (!running) throw new Error('The application is there only while tests run.')
      return running
    }
    suite({
      dialect,
      get url() {
        return required().web.url
      },
      get app() {
        return required().web.app
      },
      get broker() {
        return required().web.broker
      },
      async open(traits) {
        const { browser, web } = required()
        const visitor = await openVisitor(browser, web.url, traits)
        onTestFinished(() => endVisit(visitor))
        return visitor
      },
    })
  })
}

/** What is expected may come after all that a person sees: a page reads the first refusal before it asks for more. */
async function endVisit({ log, context }: Visitor): Promise<void> {
  try {
    await expect.poll(log.faults, { timeout: 5_000 }).toEqual([])
  } finally {
    await context.close()
  }
}
