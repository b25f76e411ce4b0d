import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { Member } from '../../../server/src/testing/factories.ts'
import { keepPageLog, type PageLog } from './page-log.ts'

/** Somebody at a browser of their own: no cookie, cache or setting is shared with others. */
export interface Visitor {
  readonly context: BrowserContext
  readonly page: Page
  readonly log: PageLog
  /** Opens an address of the site and waits until the page is there. */
  open(path: string): Promise<void>
  /** Waits until nothing is being fetched and what came has been drawn. */
  settle(): Promise<void>
  /** Opens a session by the API, for journeys that are not about signing in. */
  signIn(member: Pick<Member, 'username' | 'password'>): Promise<void>
}

export interface VisitorTraits {
  /** In CSS pixels; 1440 unless a journey is about something else. */
  readonly width?: number
  readonly theme?: 'light' | 'dark'
}

export const PHONE = 360
export const DESK = 1440

const HEIGHTS: Readonly<Record<number, number>> = { [PHONE]: 740, [DESK]: 900 }

/** The size of a browser of this width. */
export function sizeOf(width: number): { width: number; height: number } {
  return { width, height: HEIGHTS[width] ?? 800 }
}

/** Opens a fresh context with one page for the application at `url`. */
export async function openVisitor(
  browser: Browser,
  url: string,
  { width = DESK, theme = 'light' }: VisitorTraits = {},
): Promise<Visitor> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: sizeOf(width),
    colorScheme: theme,
    reducedMotion: 'reduce',
    locale: 'en-US',
    timezoneId: 'UTC',
  })
  const log = keepPageLog(context, url)
  const page = await context.newPage()
  const settle = () => settlePage(page, log)
  return {
    ...{ context, page, log, settle },
    async open(path) {
      await page.goto(path)
      await settle()
    },
    signIn: (member) => putSession(page, url, member),
  }
}

async function settlePage(page: Page, log: PageLog): Promise<void> {
  await page.locator('#root > *').first().waitFor({ state: 'attached' })
  let isStill = false
  while (!isStill) {
    await log.quiet()
    isStill = await page.evaluate(isDrawn)
  }
}

/** Waits for two frames: what the first one starts, such as another request, is under way at the second. */
function isDrawn(): Promise<boolean> {
  const isBusy = () => document.querySelector('[aria-busy=true]') !== null
  return new Promise((resolve) => {
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(!isBusy())))
  })
}

/** By how many CSS pixels the page is wider than the window; on a phone that means scrolling sideways. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth))
}

const COOKIE = /^(?<name>[^=]+)=(?<value>[^;]*)/

async function putSession(
  page: Page,
  url: string,
  { username, password }: Pick<Member, 'username' | 'password'>,
): Promise<void> {
  const answer = await fetch(`${url}/api/v1/auth/login/json`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-outcry-session': 'cookie', origin: url },
    body: JSON.stringify({ username_or_email: username, password }),
  })
  if (!answer.ok) throw new Error(`Signing in answered ${answer.status}: ${await answer.text()}`)
  const session = await page.context().newCDPSession(page)
  // Note: not by `context.addCookies`, which names a domain, and these must have none (RFC 6265bis, section 4.1.3.2).
  for (const line of answer.headers.getSetCookie()) {
    const { name = '', value = '' } = COOKIE.exec(line)?.groups ?? {}
    const httpOnly = /; *HttpOnly/i.test(line)
    const cookie = { name, value, url, path: '/', secure: true, httpOnly, sameSite: 'Strict' as const }
    const { success } = await session.send('Network.setCookie', cookie)
    if (!success) throw new Error(`The browser refused the cookie ${name}.`)
  }
  await session.detach()
}
