import { buffer } from 'node:stream/consumers'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { createMember, signIn } from '../../server/src/testing/factories.ts'
import { createTradingAccount, newPair, storeCredential } from '../../server/src/testing/factories-vault.ts'
import { accessibilityFaults } from './testing/accessibility.ts'
import { chooseCredential } from './testing/desk.ts'
import { describeWebApp, type WebFixture } from './testing/start-web-app.ts'
import { vaultPage } from './testing/vault-page.ts'
import { overflowOf, type VisitorTraits } from './testing/visitor.ts'

/** The broker's double makes the same account for the same key, so that every figure is known. */
const KNOWN = { api_key: 'PKFAKEDESKOFFIGURES', secret_key: 'fake-secret-of-the-desk' }

const FIGURES = ['169,792.5091284 USD', '91,906.4482614 USD', '238,404.4765228 USD']
/** By their value, the largest first. */
const POSITIONS = file([
  'Symbol,Side,Quantity,Average price,Price,Market value,Cost,Gain,Gain %,Today,Today %,Asset class',
  'AAPL,long,99,183.42,205.02,20296.98,18158.58,2138.4,0.117762512,708.84,0.036187203,us_equity',
  'MSFT,long,37,486.63,484.2,17915.4,18005.31,-89.91,-0.004993527,145.41,0.008182897,us_equity',
  'NVDA,long,116,129.31,141.2,16379.2,14999.96,1379.24,0.091949579,-76.56,-0.004652474,us_equity',
  'BTCUSD,long,0.19102,71980.43,69675.85,13309.480867,13749.7017386,-440.2208716,-0.032016758,-77.8845846,-0.005817768,crypto',
  'AAPL271217C00250000,long,5,17.15,19.97,9985,8575,1410,0.164431487,300,0.030975736,us_option',
])
const CLOSED_ORDERS = file([
  'Symbol,Side,Type,Status,Quantity,Amount,Filled,Filled at,Limit,Stop,In force,Submitted',
  'AAPL,buy,limit,expired,1,,0,,50,,day,2025-12-03T14:30:00.000Z',
  'AAPL,buy,limit,canceled,1,,0,,50,,gtc,2025-12-01T20:38:00.000Z',
  'AAPL271217C00250000,sell,market,filled,5,,5,17.94,,,day,2025-11-03T14:31:00.000Z',
  'BTC/USD,buy,market,filled,0.19102,,0.19102,71980.43,,,day,2025-04-29T14:33:00.000Z',
  'AAPL,buy,market,filled,99,,99,183.42,,,day,2025-04-21T17:00:00.000Z',
  'NVDA,buy,market,filled,116,,116,129.31,,,day,2025-04-11T16:11:00.000Z',
  'MSFT,buy,market,filled,37,,37,486.63,,,day,2025-04-02T18:28:00.000Z',
  'AAPL271217C00250000,buy,market,filled,10,,10,17.15,,,day,2025-03-24T18:23:00.000Z',
])

/** As it is saved: with what tells spreadsheets that it is UTF-8, and every line ended (RFC 4180). */
function file(lines: readonly string[]): string {
  return `\uFEFF${lines.map((line) => `${line}\r\n`).join('')}`
}

async function openDesk(on: WebFixture, path: string, traits?: VisitorTraits) {
  const member = await signIn(on.app, await createMember(on.app))
  const account_id = await createTradingAccount(on.app, member, 'Practice')
  const other = newPair()
  const store = async (nickname: string, pair: { api_key: string; secret_key: string }) =>
    (await storeCredential(on.app, member, { account_id, nickname, ...pair })).id
  const ids = { known: await store('Swing ideas', KNOWN), other: await store('Earnings week', other) }
  await chooseCredential(on.app, member, ids.known)
  const visitor = await on.open(traits)
  await visitor.signIn(member)
  await visitor.open(path)
  return { ...visitor, member, ids, keys: { known: KNOWN.api_key, other: other.api_key } }
}

const main = (page: Page) => page.getByRole('main')
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const symbols = (page: Page) => page.locator('tbody th').allInnerTexts()
const figures = (page: Page) => main(page).locator('dd').allInnerTexts()

async function downloaded(page: Page): Promise<{ name: string; content: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Download CSV').click()])
  return {
    name: download.suggestedFilename(),
    content: (await buffer(await download.createReadStream())).toString(),
  }
}

describeWebApp('the desk', { dialects: ['sqlite', 'postgres'] }, (on) => {
  it('shows the figures and the curve of the chosen credential, with its badge and the time', async () => {
    const { page, settle } = await openDesk(on, '/home')
    await main(page).getByText('PAPER', { exact: true }).waitFor()
    await main(page).getByText('Swing ideas').waitFor()
    await main(page)
      .getByText(/^As of \d/)
      .first()
      .waitFor()
    expect(await figures(page)).toEqual(FIGURES)
    await main(page).locator('canvas').first().waitFor()
    const month = await main(page).locator('figcaption').innerText()
    expect(month).toContain(
      'From 165,930.1709276 on May 15, 2026 to 169,792.5091284 on Jun 15, 2026: +3,862.3382008. ' +
        'Lowest 165,930.1709276, highest 169,792.5091284.',
    )
    await page.getByText('1 D', { exact: true }).click()
    await settle()
    await expect.poll(() => main(page).locator('figcaption').innerText()).not.toBe(month)
    expect(await accessibilityFaults(page)).toEqual([])
  })

  it('sorts, narrows and takes away what is held, exactly as the broker sent it', async () => {
    const { page } = await openDesk(on, '/positions')
    await page.getByRole('table').waitFor()
    const held = await symbols(page)
    expect(held).toEqual(['AAPL271217C00250000', 'MSFT', 'NVDA', 'AAPL', 'BTCUSD'])
    await button(page, 'Market value').click()
    expect(await page.getByRole('columnheader', { name: 'Market value' }).getAttribute('aria-sort')).toBe(
      'ascending',
    )
    await button(page, 'Market value').click()
    expect(await symbols(page)).toEqual(['AAPL', 'MSFT', 'NVDA', 'BTCUSD', 'AAPL271217C00250000'])
    expect(await downloaded(page)).toEqual({ name: 'positions PAPER Swing ideas.csv', content: POSITIONS })
    await page.getByLabel('Search').fill('nothing such')
    await page.getByText('Nothing fits the search.').waitFor()
    await page.getByLabel('Search').fill('nvd')
    expect(await symbols(page)).toEqual(['NVDA'])
    await page.getByText('1 of 5').waitFor()
    expect((await downloaded(page)).content.split('\r\n')).toHaveLength(3) // its end is one
  })

  it('shows the orders, all of them, the open or the closed ones', async () => {
    const { page, settle } = await openDesk(on, '/orders')
    const statuses = () => page.locator('tbody td:nth-of-type(3)').allInnerTexts()
    await page.getByRole('table').waitFor()
    const all = await statuses()
    expect(all).toEqual(['new', 'expired', 'canceled', ...Array(6).fill('filled')])
    await page.getByLabel('Show').selectOption('Open orders')
    await settle()
    await expect.poll(async () => new Set(await statuses())).toEqual(new Set(['new']))
    await page.getByLabel('Show').selectOption('Closed orders')
    await settle()
    await expect.poll(statuses).not.toContain('new')
    expect(await downloaded(page)).toEqual({ name: 'orders PAPER Swing ideas.csv', content: CLOSED_ORDERS })
  })
})

describeWebApp('a desk whose broker is slow or silent', {}, (on) => {
  it('never shows figures of the credential that was chosen before', async () => {
    const { page, keys, ids } = await openDesk(on, '/vault')
    on.broker.controls.fault({ kind: 'latency', route: '/v2/account', keyId: keys.known, delayMs: 3_000 })
    const late = page.waitForEvent('requestfailed', (request) => request.url().includes(ids.known))
    await page.getByRole('link', { name: 'Desk' }).click()
    await page.getByText('Loading the figures …').waitFor()
    await vaultPage(page).choose('Earnings week')
    await main(page).getByText('Earnings week').waitFor()
    await main(page).locator('dd').first().waitFor()
    const shown = await figures(page)
    await late
    expect(await figures(page)).toEqual(shown)
    on.broker.controls.clearFaults({})
    await vaultPage(page).choose('Swing ideas')
    await main(page).getByText(String(FIGURES[0])).waitFor()
    expect(await figures(page)).toEqual(FIGURES)
    expect(shown).not.toEqual(FIGURES)
  })

  it('says when the broker does not answer, keeps what it had, and reads again on wish', async () => {
    const { page, log, keys } = await openDesk(on, '/positions')
    log.expect(/^50\d GET \/api\/v1\/positions/)
    await page.getByRole('table').waitFor()
    const held = await symbols(page)
    on.broker.controls.fault({ kind: 'server_error', keyId: keys.known })
    await button(page, 'Refresh').click()
    const alert = main(page).getByRole('alert')
    await alert.waitFor()
    expect(await symbols(page)).toEqual(held)
    expect(await accessibilityFaults(page)).toEqual([])
    on.broker.controls.clearFaults({})
    await alert.getByRole('button', { name: 'Try again' }).click()
    await alert.waitFor({ state: 'detached' })
  })

  it('says what to do where nothing is chosen', async () => {
    const visitor = await on.open({ width: 360 })
    await visitor.signIn(await createMember(on.app))
    for (const path of ['/home', '/positions', '/orders']) {
      await visitor.open(path)
      await visitor.page.getByText('No credential is chosen.').waitFor()
      await main(visitor.page).getByRole('link', { name: 'Open the vault' }).waitFor()
    }
  })
})

describeWebApp('the desk on a phone and in the dark', {}, (on) => {
  it('fits, keeps the symbol in sight, and draws the curve in the colours of the theme', async () => {
    const { page, ...visitor } = await openDesk(on, '/home', { width: 360, theme: 'dark' })
    await main(page).locator('canvas').first().waitFor()
    const drawn = () =>
      main(page)
        .locator('canvas')
        .evaluateAll((all) => all.map((each) => (each instanceof HTMLCanvasElement ? each.toDataURL() : '')))
    const dark = await drawn()
    await page.emulateMedia({ colorScheme: 'light' })
    await expect.poll(drawn).not.toEqual(dark)
    await page.emulateMedia({ colorScheme: 'dark' })
    await expect.poll(drawn).toEqual(dark)
    expect(await overflowOf(page)).toBe(0)

    await visitor.open('/positions')
    expect(await overflowOf(page)).toBe(0)
    const table = page.getByRole('region', { name: 'Positions of PAPER Swing ideas' })
    await table.evaluate((box) => box.scrollTo({ left: 400 }))
    const symbol = table.getByRole('rowheader').first()
    const left = () => symbol.evaluate((cell) => Math.round(cell.getBoundingClientRect().left))
    await expect.poll(left).toBe(17)
  })
})
