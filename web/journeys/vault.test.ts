import type { Locator, Route } from 'playwright-core'
import { expect, it } from 'vitest'
import { createApiClient } from '../../contract/src/client.ts'
import { createMember, type Member, PASSWORD, signIn } from '../../server/src/testing/factories.ts'
import { callsWith, newPair } from '../../server/src/testing/factories-vault.ts'
import { storedRows } from '../../server/src/testing/stored-rows.ts'
import { accessibilityFaults } from './testing/accessibility.ts'
import { createDeskOwner } from './testing/desk.ts'
import { describeWebApp } from './testing/start-web-app.ts'
import { vaultPage } from './testing/vault-page.ts'
import { overflowOf, PHONE } from './testing/visitor.ts'

const MINUTE = 60_000
const STORE = '422 POST /api/v1/credentials/store'

describeWebApp('the vault', { dialects: ['sqlite', 'postgres'] }, (on) => {
  const storedOf = async (member: Member) => {
    const { accessToken: token } = await signIn(on.app, member)
    const { data } = await createApiClient(on.app.url, { token }).GET('/api/v1/credentials')
    return data?.credentials ?? []
  }
  const memberAtVault = async () => {
    const member = await createMember(on.app)
    const visitor = await on.open()
    await visitor.signIn(member)
    await visitor.open('/vault')
    return { ...visitor, member, vault: vaultPage(visitor.page) }
  }
  const ownerAtVault = async () => {
    const owner = await createDeskOwner(on.app)
    const visitor = await on.open()
    await visitor.signIn(owner)
    await visitor.open('/vault')
    return { ...visitor, owner, vault: vaultPage(visitor.page) }
  }

  it('keeps two paper keys and a live one, and the choice among them outlives a reload', async () => {
    const { page, settle, member, vault } = await memberAtVault()
    await page.getByText('There is nothing in your vault yet.').waitFor()
    await vault.addAccount('Practice')
    await vault.addKey({ account: 'Practice', name: 'Swing ideas' })
    await vault.addKey({ account: 'Practice', name: 'Earnings week' })
    await vault.addAccount('Savings')
    await vault.addKey({ account: 'Savings', name: 'Retirement', environment: 'live' })
    await page.getByText('Stored. The broker accepts this key.').last().waitFor()
    expect(await vault.chosen()).toBe('Choose a key')
    expect(
      (await storedOf(member)).map(({ nickname, environment }) => [nickname, environment]).sort(),
    ).toEqual([
      ['Earnings week', 'paper'],
      ['Retirement', 'live'],
      ['Swing ideas', 'paper'],
    ])

    await page.getByRole('button', { name: 'Rename Swing ideas' }).click()
    await page.getByLabel('Name', { exact: true }).fill('Momentum')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 3, name: 'Momentum' }).waitFor()
    await vault.choose('Momentum')
    expect(await vault.chosen()).toBe('PAPER Momentum')
    await vault.choose('Retirement')
    expect(await vault.chosen()).toBe('LIVE Retirement')
    await page.reload()
    await settle()
    expect(await vault.chosen()).toBe('LIVE Retirement')
  })

  it('says that the chosen credential was deleted, and asks for another', async () => {
    const { page, settle, vault } = await ownerAtVault()
    expect(await vault.chosen()).toBe('PAPER Swing ideas')
    await vault.act('Swing ideas', 'Delete')
    const dialog = page.getByRole('dialog', { name: 'Delete “Swing ideas”?' })
    await dialog.getByRole('button', { name: 'Delete “Swing ideas”' }).click()
    await page.getByText('The credential that you had chosen was deleted.').waitFor()
    expect(await page.getByRole('heading', { level: 3, name: 'Swing ideas' }).count()).toBe(0)
    await page.reload()
    await settle()
    expect(await vault.chosen()).toBe('Deleted')

    await page.getByRole('button', { name: 'Choose another' }).click()
    await page.getByRole('menuitemradio', { name: 'Earnings week' }).click()
    await vault.switcher.filter({ hasText: 'Earnings week' }).waitFor()
    expect(await page.getByText('The credential that you had chosen was deleted.').count()).toBe(0)
    expect(await vault.switcher.evaluate((place) => place === document.activeElement)).toBe(true)
  })

  it('does nothing with a live key until the member has proven who they are', async () => {
    const { page, log, owner, vault } = await ownerAtVault()
    on.app.clock.advance(6 * MINUTE)
    log.expect(`401 DELETE /api/v1/credentials/${owner.live}`)
    await vault.act('Retirement', 'Delete')
    const dialog = page.getByRole('dialog', { name: 'Delete “Retirement”?' })
    await dialog.getByText('It is a live key').waitFor()
    await dialog.getByRole('button', { name: 'Delete “Retirement”' }).click()
    const proof = page.getByRole('dialog', { name: 'Confirm that it is you' })
    await proof.getByRole('button', { name: 'Leave it' }).click()
    await dialog.getByRole('alert').waitFor()
    expect((await storedOf(owner)).map(({ id }) => id)).toContain(owner.live)

    await dialog.getByRole('button', { name: 'Delete “Retirement”' }).click()
    await proof.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await proof.getByRole('button', { name: 'Confirm' }).click()
    await page.getByText('“Retirement” is deleted.').first().waitFor()
    expect((await storedOf(owner)).map(({ id }) => id)).not.toContain(owner.live)
  })
})

describeWebApp('a deleted key', { dialects: ['sqlite', 'postgres'] }, (on) => {
  it('leaves what was done with it to be read, without a mouse, on a phone', async () => {
    const owner = await createDeskOwner(on.app)
    const visitor = await on.open({ width: PHONE })
    const { page } = visitor
    await visitor.signIn(owner)
    await visitor.open('/vault')
    const button = (name: string) => page.getByRole('button', { name, exact: true })
    await button('Test now: Swing ideas').click()
    await page.getByText('The broker accepts this key.').first().waitFor()
    await button('Deleted keys').focus()
    await page.keyboard.press('Enter')
    await page.getByText('There is no deleted key.').waitFor()
    await page.keyboard.press('Escape')
    await vaultPage(page).act('Swing ideas', 'Delete')
    await button('Delete “Swing ideas”').click()
    await page.getByText('“Swing ideas” is deleted.').first().waitFor()

    await button('Deleted keys').focus()
    await page.keyboard.press('Enter')
    const list = page.getByRole('dialog', { name: 'Deleted keys' })
    const key = list.getByRole('listitem').filter({ hasText: /PAPER.*Swing ideas.*deleted / })
    await key.waitFor()
    expect(await list.getByRole('listitem').count()).toBe(1)
    expect(await accessibilityFaults(page)).toEqual([])
    const opener = button('See what was done with Swing ideas')
    await opener.focus()
    await page.keyboard.press('Enter')
    const log = page.getByRole('dialog', { name: 'What was done with “Swing ideas”' })
    for (const text of ['Deleted', 'Tested at the broker', 'Added'])
      await log.getByRole('listitem').filter({ hasText: text }).first().waitFor()
    expect(await overflowOf(page)).toBe(0)
    expect(await accessibilityFaults(page)).toEqual([])
    await page.keyboard.press('Escape')
    await expect.poll(() => opener.evaluate((place) => place === document.activeElement)).toBe(true)
    await page.keyboard.press('Escape')
    await list.waitFor({ state: 'detached' })
    expect((await storedRows(on.app, 'user_credentials', `id = '${owner.paper}'`))[0]).toMatchObject({
      api_key: null,
      secret_key: null,
    })
  })

  it('is told about again when the list of them could not be read at first', async () => {
    const owner = await createDeskOwner(on.app)
    const { accessToken: token } = owner
    expect((await on.app.send('DELETE', `/credentials/${owner.paper}`, { token })).status).toBe(204)
    const visitor = await on.open()
    const { page, log } = visitor
    await visitor.signIn(owner)
    await visitor.open('/vault')
    log.expect(/^503 GET \/api\/v1\/credentials\/deleted/)
    await page.route(
      '**/api/v1/credentials/deleted?*',
      (route) =>
        route.fulfill({
          status: 503,
          contentType: 'application/problem+json',
          json: { type: 'urn:x', title: '', status: 503, detail: 'Not now.', instance: 'i', code: 'x.y' },
        }),
      { times: 1 },
    )
    await page.getByRole('button', { name: 'Deleted keys' }).click()
    const list = page.getByRole('dialog', { name: 'Deleted keys' })
    await list.getByText('Not now.').waitFor()
    await list.getByRole('button', { name: 'Try again' }).click()
    await list.getByRole('listitem').filter({ hasText: 'Swing ideas' }).waitFor()
  })
})

describeWebApp('keys in the vault', {}, (on) => {
  const ownerAtVault = async (width?: number) => {
    const owner = await createDeskOwner(on.app)
    const visitor = await on.open(width === undefined ? {} : { width })
    await visitor.signIn(owner)
    await visitor.open('/vault')
    return { ...visitor, owner, vault: vaultPage(visitor.page) }
  }
  const countOf = async ({ accessToken: token }: { accessToken: string }) =>
    (await on.app.send('GET', '/credentials', { token })).body.count

  it('are not kept when the broker does not take them, and the page says why', async () => {
    const { page, log, owner, vault } = await ownerAtVault()
    log.expect(STORE)
    await vault.fillIn({ account: 'Practice', pair: newPair('live') })
    const send = page.getByRole('button', { name: 'Test and store' })
    await send.click()
    await page.getByRole('alert').getByText('Not stored: this is a live key, not a paper one.').waitFor()
    await page.getByLabel('Key', { exact: true }).fill('PKWRONG')
    await send.click()
    await page
      .getByRole('alert')
      .getByText('Not stored: the broker does not accept this key and secret.')
      .waitFor()
    expect(await countOf(owner)).toBe(3)
  })

  it('are kept without a test when the broker does not answer', async () => {
    const { page, vault } = await ownerAtVault()
    const pair = newPair()
    on.broker.controls.fault({ kind: 'server_error', keyId: pair.api_key })
    await vault.addKey({ account: 'Practice', name: 'Untested', pair })
    await page.getByText('Stored without a test: the broker did not answer.').first().waitFor()
  })

  it('are stored once, however often the button is pressed, and leave no secret behind', async () => {
    const { page, owner, vault } = await ownerAtVault()
    const pair = newPair()
    await vault.fillIn({ account: 'Practice', name: 'Once', pair })
    await page.getByRole('button', { name: 'Test and store' }).dblclick()
    await page.getByRole('heading', { level: 3, name: 'Once' }).waitFor()
    expect(await countOf(owner)).toBe(4)
    expect(callsWith(on.broker, pair.api_key)).toBe(1)
    const left = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, location.href]))
    for (const half of Object.values(pair)) {
      expect(left).not.toContain(half)
      expect(await page.content()).not.toContain(half)
    }
  })

  it('may be pasted together with their secrets', async () => {
    const { page, context, vault } = await ownerAtVault()
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    const { api_key, secret_key } = newPair()
    await vault.fillIn({ account: 'Practice', name: 'Pasted', pair: { api_key: '', secret_key: '' } })
    await page.evaluate(
      (text) => navigator.clipboard.writeText(text),
      `Key: ${api_key}\nSecret: ${secret_key}`,
    )
    await page.getByLabel('Key', { exact: true }).press('Control+V')
    const secret = page.getByLabel('Secret', { exact: true })
    expect(await secret.inputValue()).toBe(secret_key)
    const masking = () =>
      secret.evaluate((field) => getComputedStyle(field).getPropertyValue('-webkit-text-security'))
    expect([await masking(), await page.locator('input[type=password]').count()]).toEqual(['disc', 0])
    await page.getByRole('button', { name: 'Show what was typed' }).click()
    expect(await masking()).toBe('none')
    await page.getByRole('button', { name: 'Test and store' }).click()
    await page.getByRole('heading', { level: 3, name: 'Pasted' }).waitFor()
  })

  it('are not changed unseen when they were changed elsewhere', async () => {
    const { page, log, owner, vault } = await ownerAtVault()
    log.expect(`412 PUT /api/v1/credentials/${owner.paper}`)
    const { accessToken: token } = owner
    const changeElsewhere = async (route: Route) => {
      await on.app.send('PUT', `/credentials/${owner.paper}`, { token, body: { nickname: 'Elsewhere' } })
      await route.continue()
    }
    await page.route(`**/api/v1/credentials/${owner.paper}`, changeElsewhere, { times: 1 })
    await page.getByRole('button', { name: 'Rename Swing ideas' }).click()
    await page.getByLabel('Name', { exact: true }).fill('Here')
    await page.keyboard.press('Enter')
    await page.getByText('It was changed elsewhere.').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('heading', { level: 3, name: 'Elsewhere' }).waitFor()
    expect(await vault.chosen()).toBe('PAPER Elsewhere')
  })

  it('are replaced, switched off and on, and let tokens trade only when that was asked for', async () => {
    const { page, owner, vault } = await ownerAtVault()
    const { api_key, secret_key } = newPair()
    await vault.act('Earnings week', 'Replace the key')
    await page.getByLabel('Key', { exact: true }).fill(api_key)
    await page.getByLabel('Secret', { exact: true }).fill(secret_key)
    await page.getByRole('button', { name: 'Test and replace' }).click()
    await page.getByText('The new key is in use.').first().waitFor()
    await page
      .getByText(`…${api_key.slice(-4)}`)
      .first()
      .waitFor()
    await vault.act('Swing ideas', 'Switch off')
    await page.getByText('“Swing ideas” is switched off.', { exact: true }).first().waitFor()
    expect(await vault.chosen()).toBe('PAPER Swing ideas')
    await page.getByRole('button', { name: 'Choose another' }).waitFor()
    await vault.act('Swing ideas', 'Switch on')
    await page.getByRole('button', { name: 'Choose another' }).waitFor({ state: 'detached' })

    await vault.act('Retirement', 'Let tokens trade with it')
    await page.getByRole('dialog').getByText('these orders cost real money').waitFor()
    await page.getByRole('button', { name: 'Let tokens trade' }).click()
    await page.getByText('Tokens may trade', { exact: true }).waitFor()
    const { accessToken: token } = owner
    const { body } = await on.app.send('GET', `/credentials/${owner.live}`, { token })
    expect(body.is_trading_enabled).toBe(true)
  })

  it('go away with their account, which says so before and can be put away instead', async () => {
    const { page, owner, vault } = await ownerAtVault()
    const inMenu = async (account: string, action: string) => {
      await page.getByRole('button', { name: `More for the account ${account}` }).click()
      await page.getByRole('menuitem', { name: action }).click()
    }
    await inMenu('Savings', 'Rename the account')
    await page.getByLabel('Name of the account').fill('Old age')
    await page.getByRole('button', { name: 'Save the name' }).click()
    await page.getByRole('heading', { level: 2, name: 'Old age' }).waitFor()
    await inMenu('Old age', 'Close')
    await page.getByRole('heading', { level: 2, name: 'Old age Closed' }).waitFor()
    await vault.switcher.click()
    await page.getByRole('menuitemradio', { name: 'Earnings week' }).waitFor()
    expect(await page.getByRole('menuitemradio', { name: 'Retirement' }).count()).toBe(0)
    await page.keyboard.press('Escape')

    await inMenu('Old age', 'Delete the account')
    const dialog = page.getByRole('dialog', { name: 'Delete the account “Old age”?' })
    await dialog.getByText('LIVE', { exact: true }).waitFor()
    await dialog.getByText('Retirement').waitFor()
    await dialog.getByText('you can no longer see afterwards').waitFor()
    await dialog.getByRole('button', { name: 'Delete “Old age”' }).click()
    await page.getByRole('heading', { level: 2, name: 'Old age' }).waitFor({ state: 'detached' })
    expect(await countOf(owner)).toBe(2)
  })

  it('show what was done with them', async () => {
    const { page, vault } = await ownerAtVault()
    await page.getByRole('button', { name: 'Test now: Swing ideas' }).click()
    await page.getByText('The broker accepts this key.').first().waitFor()
    await vault.act('Swing ideas', 'See what was done with it')
    const entries = page.getByRole('dialog').getByRole('listitem')
    await entries.filter({ hasText: 'Tested at the broker' }).first().waitFor()
    await entries.filter({ hasText: 'Added' }).waitFor()
  })

  it('can be added and chosen without a mouse, on a phone', async () => {
    const { page, vault } = await ownerAtVault(PHONE)
    const button = (name: string) => page.getByRole('button', { name, exact: true })
    const hasFocus = (place: Locator) =>
      expect.poll(() => place.evaluate((element) => element === document.activeElement)).toBe(true)
    const { api_key, secret_key } = newPair()
    await button('Add a key to Practice').focus()
    await page.keyboard.press('Enter')
    await hasFocus(page.getByLabel('Type', { exact: true }))
    for (const text of ['By keyboard', api_key, secret_key]) {
      await page.keyboard.press('Tab')
      await page.keyboard.type(text)
    }
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 3, name: 'By keyboard' }).waitFor()
    await hasFocus(button('Add a key to Practice'))

    await vault.switcher.focus()
    await page.keyboard.press('Enter')
    const option = page.getByRole('menuitemradio', { name: 'By keyboard' })
    await option.waitFor()
    await page.keyboard.type('By')
    await hasFocus(option)
    await page.keyboard.press('Enter')
    await vault.switcher.filter({ hasText: 'By keyboard' }).waitFor()
    await hasFocus(vault.switcher)

    await button('More for By keyboard').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menu').waitFor()
    await page.keyboard.press('End')
    await hasFocus(page.getByRole('menuitem', { name: 'Delete' }))
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Delete “By keyboard”?' }).waitFor()
    await page.keyboard.press('Escape')
    await hasFocus(button('More for By keyboard'))
  })
})
