import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { createDeskOwner } from './testing/desk.ts'
import { describeWebApp } from './testing/start-web-app.ts'

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name })

/** Has the server know no part of the app any more whose name begins so, as after an upgrade; `times` is for how often. */
function forget(page: Page, name: string, times = Number.POSITIVE_INFINITY): Promise<unknown> {
  let left = times
  return page.route(`**/assets/${name}*.js`, (route) => {
    left -= 1
    return left < 0 ? route.continue() : route.fulfill({ status: 404, body: '' })
  })
}

describeWebApp('a tab that was open over an upgrade', {}, (on) => {
  it('loads the new app by itself when a page of the old one is gone', async () => {
    const { page, log, ...visitor } = await on.open()
    await visitor.signIn(await createDeskOwner(on.app))
    await visitor.open('/home')
    log.expect(/^404 GET \/assets\/orders\.page/)
    log.allow(/^error: TypeError: Failed to fetch dynamically imported module/) // unless the new page is there first
    await forget(page, 'orders.page', 1)
    await page.evaluate(() => Object.assign(globalThis, { isOldApp: true }))
    await page.getByRole('link', { name: 'Orders' }).click()
    await heading(page, 'Orders').waitFor()
    expect(await page.evaluate(() => 'isOldApp' in globalThis)).toBe(false)
  })

  it('loads it when a part of a page is gone, and once only', async () => {
    const { page, log, ...visitor } = await on.open()
    await visitor.signIn(await createDeskOwner(on.app))
    await visitor.open('/vault')
    log.expect(/^404 GET \/assets\/curve-chart/)
    log.allow(/^error: /)
    await forget(page, 'curve-chart')
    let loads = 0
    page.on('load', () => {
      loads += 1
    })
    await page.getByRole('link', { name: 'Desk' }).click()
    await heading(page, 'This page could not be shown').waitFor()
    await visitor.settle()
    expect(loads).toBe(1)
    await page.unroute('**/assets/curve-chart*.js')
    await page.getByRole('button', { name: 'Load it again' }).click()
    await page.getByRole('main').locator('canvas').first().waitFor()
  })
})
