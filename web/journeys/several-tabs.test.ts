import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { createMember, type Member } from '../../server/src/testing/factories.ts'
import { describeWebApp, type WebFixture } from './testing/start-web-app.ts'
import type { Visitor } from './testing/visitor.ts'

const HIDE = { state: 'hidden' } as const
const SHOW = { state: 'visible' } as const
const STREAM = '**/api/v1/notifications/stream'

/** Shows or hides a tab, which a browser without a screen does not do by itself. */
function turn(page: Page, { state }: typeof HIDE | typeof SHOW): Promise<void> {
  return page.evaluate((to) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => to })
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
  }, state)
}

const loseEvents = (page: Page) => page.route(STREAM, (route) => route.abort('aborted'))
const cover = (page: Page) => page.getByRole('alertdialog', { name: 'You are signed out' })
const usernameField = (page: Page) => page.getByLabel('Username or email')
const goTo = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click()

async function typePassword(page: Page, { username, password }: Member): Promise<void> {
  await usernameField(page).fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('main').getByRole('button', { name: 'Sign in', exact: true }).click()
}

async function addAccount(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Add an account' }).first().click()
  await page.getByRole('dialog').getByRole('textbox').first().fill(name)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name }).waitFor()
}

async function signOutElsewhere(on: WebFixture, { context }: Visitor): Promise<void> {
  const page = await context.newPage()
  await page.goto('/home')
  await page.getByRole('button', { name: /^Menu of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.waitForURL(`${on.url}/`)
  await page.close()
}

describeWebApp('several tabs of one browser', {}, (on) => {
  it('covers a page that no event reaches at its next step, and the next member sees nothing of the last', async () => {
    const [first, second] = [await createMember(on.app), await createMember(on.app)]
    const visitor = await on.open()
    const { page, log } = visitor
    log.allow(/^401 GET \/api\/v1\//)
    await visitor.signIn(first)
    await loseEvents(page)
    await visitor.open('/vault')
    await addAccount(page, 'Of the first alone')
    await signOutElsewhere(on, visitor)
    await goTo(page, 'Positions')
    await cover(page).waitFor()
    expect(await page.getByText('Of the first alone').count()).toBe(0)

    await page.goBack()
    await cover(page).getByRole('link', { name: 'Sign in' }).click()
    await typePassword(page, second)
    await page.getByRole('button', { name: `Menu of ${second.username}` }).waitFor()
    await goTo(page, 'Vault')
    await page.getByRole('button', { name: 'Add an account' }).first().waitFor()
    expect(await page.getByText('Of the first alone').count()).toBe(0)
  })

  it('covers a page that was out of sight when its session ended', async () => {
    const visitor = await on.open()
    const { page } = visitor
    await visitor.signIn(await createMember(on.app))
    await visitor.open('/home')
    await turn(page, HIDE)
    await signOutElsewhere(on, visitor)
    await turn(page, SHOW)
    await cover(page).waitFor()
  })

  it('goes on as whoever signed in last, and under their name', async () => {
    const [first, second] = [await createMember(on.app), await createMember(on.app)]
    const { context, page, ...visitor } = await on.open()
    const other = await context.newPage()
    await loseEvents(page)
    await visitor.open('/signin')
    await other.goto('/signin')
    // Note: a tab that asks who is signed in only after the first member is would lead on, and show no form.
    await usernameField(other).waitFor()
    await typePassword(page, first)
    await page.getByRole('button', { name: `Menu of ${first.username}` }).waitFor()
    await typePassword(other, second)
    await other.getByRole('button', { name: `Menu of ${second.username}` }).waitFor()
    await page.evaluate(() => dispatchEvent(new Event('focus')))
    await page.getByRole('button', { name: `Menu of ${second.username}` }).waitFor()
    expect(await page.getByText(first.username).count()).toBe(0)
  })

  it('opens as many as anybody likes, over HTTP/1.1 too', async () => {
    const { context, page, ...visitor } = await on.open()
    await visitor.signIn(await createMember(on.app))
    await visitor.open('/home')
    let seen = page
    for (let n = 2; n <= 8; n++) {
      await turn(seen, HIDE)
      seen = await context.newPage()
      await seen.goto('/home')
      await seen.getByRole('button', { name: /^Menu of/ }).waitFor()
    }
    await turn(seen, HIDE)
    const resumed = page.waitForRequest(STREAM)
    await turn(page, SHOW)
    await resumed
    expect(await page.evaluate(async () => (await fetch('/api/v1/auth/me')).status)).toBe(200)
  })
})
