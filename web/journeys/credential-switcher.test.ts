import { expect, it } from 'vitest'
import { createTradingAccount, live, storeCredential } from '../../server/src/testing/factories-vault.ts'
import { chooseCredential, createDeskOwner } from './testing/desk.ts'
import { describeWebApp } from './testing/start-web-app.ts'
import { vaultPage } from './testing/vault-page.ts'
import { DESK, overflowOf, PHONE } from './testing/visitor.ts'

const MINUTE = 60_000

describeWebApp('the choice in the header', {}, (on) => {
  const ownerAt = async (path: string, width?: number) => {
    const owner = await createDeskOwner(on.app)
    const visitor = await on.open(width === undefined ? {} : { width })
    await visitor.signIn(owner)
    await visitor.open(path)
    return { ...visitor, owner, vault: vaultPage(visitor.page) }
  }

  it('is there on every page of a member, at every width', async () => {
    for (const width of [PHONE, 768, DESK]) {
      const { vault, ...visitor } = await ownerAt('/home', width)
      for (const path of ['/home', '/positions', '/orders', '/vault', '/settings']) {
        await visitor.open(path)
        expect(await vault.chosen()).toBe('PAPER Swing ideas')
        expect(await vault.switcher.isVisible()).toBe(true)
      }
    }
  })

  it('keeps LIVE and the beginning of a long name in sight on a phone, and the whole name within reach', async () => {
    const name = 'Retirement savings of the whole family at the second broker'
    const { page, owner, open, vault } = await ownerAt('/vault', PHONE)
    const account_id = await createTradingAccount(on.app, owner)
    const { id } = await storeCredential(on.app, owner, { account_id, nickname: name, ...live() })
    const heightOf = async () => (await page.getByRole('banner').boundingBox())?.height
    const before = await heightOf()
    await chooseCredential(on.app, owner, id)
    await open('/vault')
    const shown = page.getByRole('button', { name: `Credential in use: LIVE ${name}`, exact: true })
    expect(await vault.switcher.getByText('LIVE').boundingBox()).not.toBeNull()
    const box = await shown.getByTitle(name).boundingBox()
    expect(box?.width).toBeGreaterThan(60)
    expect([await overflowOf(page), await heightOf()]).toEqual([0, before])
  })

  it('is the last one that was made, whatever order the answers come in', async () => {
    const { page, owner, settle, vault } = await ownerAt('/vault')
    let isFirst = true
    await page.route('**/api/v1/credentials/active', async (route) => {
      const answer = await route.fetch()
      if (route.request().method() === 'PUT' && isFirst) {
        isFirst = false
        await vault.switcher.click()
        await page.getByRole('menuitemradio', { name: 'Retirement' }).click()
      }
      await route.fulfill({ response: answer })
    })
    await vault.switcher.click()
    await page.getByRole('menuitemradio', { name: 'Earnings week' }).click()
    await vault.switcher.filter({ hasText: 'Retirement' }).waitFor()
    await settle()
    expect(await vault.chosen()).toBe('LIVE Retirement')
    const { accessToken: token } = owner
    const { body } = await on.app.send('GET', '/credentials/active', { token })
    expect(body.credential_id).toBe(owner.live)
  })

  it('never has figures of the one before below it, however late they come', async () => {
    const { page, owner, settle, vault } = await ownerAt('/vault')
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    await page.route(`**/api/v1/positions?*${owner.paper}*`, async (route) => {
      const answer = await route.fetch()
      const body = await answer.json()
      const [first] = body.positions
      await released
      const late = { ...body, positions: [{ ...first, symbol: 'LATE' }] }
      await route.fulfill({ response: answer, json: late }).catch(() => undefined) // nobody may wait any more
    })
    await page.getByRole('link', { name: 'Positions' }).click()
    await page.getByRole('heading', { level: 1, name: 'Positions' }).waitFor()
    await vault.choose('Earnings week')
    await page.getByRole('main').getByText('Earnings week').first().waitFor()
    release()
    await settle()
    await page.getByRole('row').nth(1).waitFor()
    expect(await page.getByText('LATE').count()).toBe(0)
    await vault.choose('Swing ideas')
    await page.getByText('LATE').first().waitFor()
  })

  it('says that the chosen one has expired, and offers it no more', async () => {
    const { page, owner, vault, ...visitor } = await ownerAt('/vault')
    const { accessToken: token } = owner
    const expires_at = new Date(on.app.clock.now().getTime() + 1).toISOString()
    await on.app.send('PUT', `/credentials/${owner.paper}`, { token, body: { expires_at } })
    on.app.clock.advance(MINUTE)
    await visitor.open('/orders')
    await page.getByText(/^“Swing ideas” expired on /).waitFor()
    await vault.switcher.click()
    const option = page.getByRole('menuitemradio', { name: 'Swing ideas' })
    expect(await option.getAttribute('aria-disabled')).toBe('true')
    await option.getByText('Expired').waitFor()
  })

  it('says on an open page that the broker refuses the chosen one', async () => {
    const { page, owner, vault } = await ownerAt('/vault')
    const { accessToken: token } = owner
    on.broker.controls.fault({ kind: 'unauthorized', times: 1 })
    const { body } = await on.app.send('POST', `/credentials/${owner.paper}/validate`, { token })
    expect(body.outcome).toBe('rejected')
    await page.getByText('The broker refuses “Swing ideas”.').waitFor()
    expect(await vault.chosen()).toBe('PAPER Swing ideas')
    await vault.choose('Earnings week')
    await page.getByText('The broker refuses “Swing ideas”.').waitFor({ state: 'detached' })
  })

  it('follows what is done in another window', async () => {
    const { page, context, vault } = await ownerAt('/vault')
    const other = await context.newPage()
    await other.goto('/vault')
    await vaultPage(other).choose('Earnings week')
    await vault.switcher.filter({ hasText: 'Earnings week' }).waitFor()
    await vaultPage(other).act('Earnings week', 'Switch off')
    await page.getByText('“Earnings week” is switched off.', { exact: true }).waitFor()
  })
})
