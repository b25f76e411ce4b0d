import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { createMember, type Member, tryToSignIn } from '../../server/src/testing/factories.ts'
import { countStored } from '../../server/src/testing/stored-rows.ts'
import { accessibilityFaults } from './testing/accessibility.ts'
import { createDeskOwner } from './testing/desk.ts'
import { describeWebApp, type WebFixture } from './testing/start-web-app.ts'
import { plugInPasskeys } from './testing/virtual-passkeys.ts'

const MINUTE = 60_000
const NEXT = 'another quiet and long sentence'

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const cover = (page: Page) => page.getByRole('alertdialog', { name: 'You are signed out' })
const card = (page: Page, title: string) =>
  page.locator('section', { has: page.getByRole('heading', { level: 2, name: title }) })

async function openSettings(on: WebFixture, member: Member, width?: number) {
  const visitor = await on.open(width === undefined ? {} : { width })
  await visitor.signIn(member)
  await visitor.open('/settings/security')
  return visitor
}

describeWebApp('the security settings', { dialects: ['sqlite', 'postgres'] }, (on) => {
  it('change the password, keep this browser and end the other', async () => {
    const member = await createMember(on.app)
    const other = await on.open()
    await other.signIn(member)
    await other.open('/home')
    const { page, log } = await openSettings(on, member)
    log.expect('422 PUT /api/v1/users/me/password')
    log.expect(/^4\d\d PUT \/api\/v1\/users\/me\/password$/)
    const now = page.getByLabel('Password now')
    await now.fill('certainly not it')
    await page.getByLabel('New password').fill(NEXT)
    await button(page, 'Change the password').click()
    await expect.poll(() => now.getAttribute('aria-invalid')).toBe('true')
    await expect.poll(() => now.evaluate((field) => field === document.activeElement)).toBe(true)
    await now.fill(member.password)
    await page.getByLabel('New password').fill('short')
    await button(page, 'Change the password').click()
    await page.getByText('Use at least 12 characters for the password.').waitFor()
    await page.getByLabel('New password').fill(NEXT)
    await button(page, 'Change the password').click()

    await page.getByText('Your password is changed, and your other sessions have ended.').first().waitFor()
    expect(await now.inputValue()).toBe('')
    await cover(other.page).waitFor()
    expect(await cover(page).count()).toBe(0)
    await page.reload()
    await page.getByRole('heading', { level: 1, name: 'Security' }).waitFor()
    expect((await tryToSignIn(on.app, member.username, member.password)).status).toBe(401)
    expect((await tryToSignIn(on.app, member.username, NEXT)).status).toBe(200)
  })

  it('show every session and sign another one out from here', async () => {
    const member = await createMember(on.app)
    const other = await on.open()
    await other.signIn(member)
    await other.open('/home')
    const { page } = await openSettings(on, member)
    const sessions = card(page, 'Where you are signed in').getByRole('listitem')
    expect(await sessions.count()).toBe(2)
    const own = sessions.filter({ hasText: 'This one' })
    expect(await own.getByRole('button').count()).toBe(0)
    await sessions.getByRole('button', { name: /^Sign out/ }).click()
    await cover(other.page).waitFor()
    await expect.poll(() => sessions.count()).toBe(1)
    expect(await own.count()).toBe(1)
    await card(page, 'Recent activity').getByText('Another session signed out').waitFor()
    await other.page.close()
  })

  it('tell who tried to sign in, from where, and what was done on this device, also on a phone', async () => {
    const member = await createMember(on.app)
    const visitor = await on.open({ width: 360 })
    const { page } = visitor
    await visitor.signIn(member)
    for (let i = 0; i < 10; i++) await tryToSignIn(on.app, member.username, 'certainly not it')
    await visitor.open('/settings/security')
    const activity = card(page, 'Recent activity')
    const events = activity.getByRole('listitem')
    await expect.poll(() => events.filter({ hasText: 'Refused' }).count()).toBe(10)
    await button(page, 'Show more').click()
    const own = events.filter({ hasText: 'This device' })
    await own.getByText('Signed in with the password').waitFor()
    await own.getByText(/, from (127\.0\.0\.1|::1)$/).waitFor()
    await events
      .filter({ hasText: 'Account made' })
      .getByText(/, by an administrator$/)
      .waitFor()
    expect(await events.count()).toBe(12)
    expect(await own.count()).toBe(1)
    expect(await activity.getByRole('button').count()).toBe(0)
    const isTooWide = () => document.documentElement.scrollWidth > document.documentElement.clientWidth
    expect(await page.evaluate(isTooWide)).toBe(false)
    expect(await accessibilityFaults(page)).toEqual([])
  })

  it('make a token, show it once, and end it', async () => {
    const owner = await createDeskOwner(on.app)
    const visitor = await openSettings(on, owner)
    const { page, log } = visitor
    log.expect('401 POST /api/v1/auth/tokens')
    log.expect('422 POST /api/v1/auth/tokens')
    await page.getByLabel('What it is for').fill('Spreadsheet')
    await button(page, 'Make the token').click()
    const first = page.getByLabel('Read your account')
    await page.getByText('Choose at least one.').waitFor()
    await expect.poll(() => first.evaluate((box) => box === document.activeElement)).toBe(true)
    await first.check()
    await page.getByLabel('With which broker key').selectOption({ label: 'PAPER Swing ideas' })
    on.app.clock.advance(6 * MINUTE)
    await button(page, 'Make the token').click()
    const proof = page.getByRole('dialog', { name: 'Confirm that it is you' })
    await proof.getByLabel('Password', { exact: true }).fill(owner.password)
    await button(page, 'Confirm').click()

    await page.getByText('Copy the token now. It is not shown again.').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    const token = await card(page, 'Personal access tokens').locator('code').innerText()
    expect((await on.app.send('GET', '/auth/me', { token })).status).toBe(200)
    await visitor.open('/settings/security')
    await page.getByText(/^May read your account, with PAPER Swing ideas only\./).waitFor()
    expect(await page.content()).not.toContain(token)

    await button(page, 'End the token “Spreadsheet”').click()
    await button(page, 'End the token').click()
    await page.getByText('You have no tokens.').waitFor()
    expect((await on.app.send('GET', '/auth/me', { token })).status).toBe(401)
  })
})

describeWebApp('passkeys', {}, (on) => {
  it('are added and removed, also on a phone', async () => {
    const member = await createMember(on.app)
    const visitor = await on.open({ width: 360 })
    const { page } = visitor
    await visitor.signIn(member)
    const passkeys = await plugInPasskeys(page)
    await visitor.open('/settings/security')
    await page.getByLabel('Name of the new passkey').fill('Pocket')
    await button(page, 'Add a passkey').click()
    await button(page, 'Remove Pocket').waitFor()
    expect(await passkeys.count()).toBe(1)
    const stored = `user_id = '${member.id}'`
    expect(await countStored(on.app, 'passkeys', stored)).toBe(1)

    await page.getByLabel('Name of the new passkey').fill('Pocket again')
    await button(page, 'Add a passkey').click()
    await page.getByText('This device already holds a passkey of your account.').waitFor()
    await button(page, 'Remove Pocket').click()
    await button(page, 'Cancel').click()
    expect(await countStored(on.app, 'passkeys', stored)).toBe(1)
    await button(page, 'Remove Pocket').click()
    await button(page, 'Remove the passkey').click()
    await page.getByText('You have no passkey yet.').waitFor()
    expect(await countStored(on.app, 'passkeys', stored)).toBe(0)
  })
})
