import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { createMember, type Member } from '../../server/src/testing/factories.ts'
import { codeAt, nextCode, wrongCode } from '../../server/src/testing/factories-two-factor.ts'
import { accessibilityFaults } from './testing/accessibility.ts'
import { describeWebApp } from './testing/start-web-app.ts'

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const appCode = (page: Page) => page.getByLabel('Code from your authenticator app')

async function signOut(page: Page, { username }: Member): Promise<void> {
  await button(page, `Menu of ${username}`).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).waitFor()
}

async function typePassword(page: Page, { username, password }: Member): Promise<void> {
  await page.getByLabel('Username or email address').fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await button(page, 'Sign in').click()
}

describeWebApp('codes from an app', { dialects: ['sqlite', 'postgres'] }, (on) => {
  it('are switched on, asked for at the next sign-in, stood in for by a backup code, and switched off', async () => {
    const member = await createMember(on.app)
    const [elsewhere, visitor] = [await on.open(), await on.open()]
    for (const each of [elsewhere, visitor]) await each.signIn(member)
    await elsewhere.open('/home')
    const { page, log } = visitor
    log.expect(/^4\d\d POST \/api\/v1\/auth\/2fa\/verify$/)
    await visitor.open('/settings/security')
    await button(page, 'Set up an app').click()

    const picture = page.getByRole('img', { name: 'QR code' })
    await picture.waitFor()
    expect(await picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0)
    const secret = (await page.locator('code').innerText()).replaceAll(' ', '')
    const backupCodes = await page.locator('.printed li').allInnerTexts()
    expect(new Set(backupCodes).size).toBe(10)
    expect(await accessibilityFaults(page)).toEqual([])
    await page.emulateMedia({ media: 'print' })
    await expect.poll(() => page.getByRole('heading', { level: 1 }).count()).toBe(0)
    expect(await page.locator('.printed').isVisible()).toBe(true)
    await page.emulateMedia({ media: 'screen' })

    await appCode(page).fill(wrongCode(on.app, secret))
    await button(page, 'Switch it on').click()
    await page.getByText('This code is incorrect').waitFor()
    await appCode(page).fill(codeAt(on.app, secret))
    await button(page, 'Switch it on').click()
    await button(page, 'Switch it off').waitFor()
    expect(await page.getByText(secret).count()).toBe(0)
    await elsewhere.page.getByRole('alertdialog', { name: 'You are signed out' }).waitFor()

    await signOut(page, member)
    nextCode(on.app)
    await visitor.open('/signin')
    await typePassword(page, member)
    await appCode(page).fill(codeAt(on.app, secret))
    await button(page, 'Sign in').click()
    await page.waitForURL('**/home')

    await signOut(page, member)
    await visitor.open('/signin?next=/settings/security')
    await typePassword(page, member)
    await button(page, 'Use a backup code').click()
    await page.getByLabel('Backup code').fill(String(backupCodes[3]))
    await page.keyboard.press('Enter')
    await page.waitForURL('**/settings/security')

    nextCode(on.app)
    await button(page, 'Switch it off').click()
    const card = page.locator('section', { has: page.getByRole('heading', { name: 'Codes from an app' }) })
    await card.getByLabel('Password', { exact: true }).fill(member.password)
    await appCode(page).fill(codeAt(on.app, secret))
    await button(page, 'Switch it off').click()
    await button(page, 'Set up an app').waitFor()

    await signOut(page, member)
    await visitor.open('/signin')
    await typePassword(page, member)
    await page.waitForURL('**/home')
  })
})
