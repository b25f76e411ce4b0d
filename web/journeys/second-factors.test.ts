import type { Page } from 'playwright-core'
import { beforeEach, expect, it } from 'vitest'
import {
  createMember,
  newUsername,
  PASSWORD,
  verificationTokenFor,
} from '../../server/src/testing/factories.ts'
import { codeAt, nextCode } from '../../server/src/testing/factories-two-factor.ts'
import { emailOf } from '../../server/src/testing/member-rows.ts'
import { accessibilityFaults } from './testing/accessibility.ts'
import { describeWebApp } from './testing/start-web-app.ts'
import { plugInPasskeys, watchForAsking } from './testing/virtual-passkeys.ts'

const MINUTE = 60_000

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const field = (page: Page, label: string) => page.getByLabel(label, { exact: true })

async function signInByPassword(page: Page, username: string): Promise<void> {
  await field(page, 'Username or email address').fill(username)
  await field(page, 'Password').fill(PASSWORD)
  await page.keyboard.press('Enter')
}

async function signOut(page: Page, username: string): Promise<void> {
  await button(page, `Menu of ${username}`).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('main').getByRole('link', { name: 'Make an account' }).waitFor()
}

describeWebApp('a second factor', { dialects: ['sqlite', 'postgres'] }, (on) => {
  beforeEach(() => on.app.clock.advance(MINUTE)) // one address may try again

  it('is set up by a new member and asked for from then on', async () => {
    const username = newUsername()
    const { page, ...visitor } = await on.open()
    await visitor.open('/signup')
    await field(page, 'Username').fill(username)
    await field(page, 'Email address').fill(emailOf(username))
    await field(page, 'Password').fill(PASSWORD)
    await button(page, 'Make an account').click()
    await page.getByRole('heading', { name: 'Look into your mail' }).waitFor()
    await visitor.open(`/verify#token=${await verificationTokenFor(on.app, emailOf(username))}`)
    await button(page, 'Confirm my address').click()
    await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click()
    await signInByPassword(page, username)
    await page.waitForURL(`${on.url}/home`)

    await visitor.open('/settings/security')
    await button(page, 'Set up an app').click()
    await page.getByRole('img', { name: /QR code/ }).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    const shown = (await page.getByText(/^(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}$/).textContent()) ?? ''
    const secret = shown.replaceAll(' ', '')
    const [backupCode = ''] = await page.getByText(/^(?:[A-Z2-7]{4}-){5}[A-Z2-7]{4}$/).allTextContents()
    await field(page, 'Code from your authenticator app').fill(codeAt(on.app, secret))
    await button(page, 'Switch it on').click()
    await page.getByText('Signing in asks for a code of your app.').waitFor()
    expect(await page.getByText(shown).count()).toBe(0)
    await signOut(page, username)

    nextCode(on.app)
    await visitor.open('/signin')
    await signInByPassword(page, username)
    await field(page, 'Code from your authenticator app').fill(codeAt(on.app, secret))
    await page.keyboard.press('Enter')
    await page.waitForURL(`${on.url}/home`)
    await signOut(page, username)

    await visitor.open('/signin')
    await signInByPassword(page, username)
    await button(page, 'Use a backup code').click()
    await field(page, 'Backup code').fill(backupCode)
    await page.keyboard.press('Enter')
    await page.waitForURL(`${on.url}/home`)
  })

  it('may be a passkey, made in the settings, which signs in alone', async () => {
    const member = await createMember(on.app)
    const { page, ...visitor } = await on.open()
    await visitor.signIn(member)
    const passkeys = await plugInPasskeys(page)
    await visitor.open('/settings/security')
    await field(page, 'Name of the new passkey').fill('Desk key')
    await button(page, 'Add a passkey').click()
    await page.getByRole('listitem').getByText('Desk key').waitFor()
    expect(await passkeys.count()).toBe(1)
    await signOut(page, member.username)

    const hasAsked = await watchForAsking(page)
    await passkeys.setPresent(false)
    await visitor.open('/signin')
    await hasAsked() // its suggestions wait for nobody, so that the press is what signs in
    await passkeys.setPresent(true)
    await button(page, 'Use a passkey').click()
    await page.waitForURL(`${on.url}/home`)
  })
})
