import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { createMember, type Member } from '../../server/src/testing/factories.ts'
import { codeAt, createTwoFactorMember } from '../../server/src/testing/factories-two-factor.ts'
import { countStored } from '../../server/src/testing/stored-rows.ts'
import { accessibilityFaults } from './testing/accessibility.ts'
import { describeWebApp, type WebFixture } from './testing/start-web-app.ts'
import { addPasskey, plugInPasskeys } from './testing/virtual-passkeys.ts'
import type { Visitor, VisitorTraits } from './testing/visitor.ts'

const MINUTE = 60_000
const REFUSED = '401 GET /api/v1/auth/passkeys?limit=100'

const dialogOn = (page: Page) => page.getByRole('dialog', { name: 'Confirm that it is you' })
const opener = (page: Page) => page.getByRole('button', { name: 'Show your passkeys' })
const hasFocus = (page: Page, name: string) =>
  page.getByLabel(name, { exact: true }).evaluate((field) => field === document.activeElement)

/** Somebody at a page that shows its lists only after a recent proof, six minutes after the last one. */
async function openAfterAWhile(on: WebFixture, member: Member, traits?: VisitorTraits): Promise<Visitor> {
  const visitor = await on.open(traits)
  visitor.log.expect(REFUSED)
  visitor.log.expect('401 GET /api/v1/auth/tokens?limit=100')
  await visitor.signIn(member)
  on.app.clock.advance(6 * MINUTE)
  await visitor.open('/settings/security')
  return visitor
}

describeWebApp('proving again who one is', { dialects: ['sqlite', 'postgres'] }, (on) => {
  it('works by keyboard alone, says what is wrong, counts a wrong password once, and gives the focus back', async () => {
    const member = await createMember(on.app)
    const { page, log } = await openAfterAWhile(on, member)
    log.expect('401 POST /api/v1/auth/reauthenticate')
    await opener(page).focus()
    await page.keyboard.press('Enter')
    await dialogOn(page).waitFor()
    await expect.poll(() => hasFocus(page, 'Password')).toBe(true)
    expect(await accessibilityFaults(page)).toEqual([])

    await page.keyboard.type('not the password')
    await page.keyboard.press('Enter')
    await dialogOn(page).getByRole('alert').waitFor()
    const wrong = `action = 'session.reauthenticated' and result = 'refused' and actor_id = '${member.id}'`
    expect(await countStored(on.app, 'audit_events', wrong)).toBe(1)

    await page.getByLabel('Password', { exact: true }).fill(member.password)
    await page.keyboard.press('Enter')
    await dialogOn(page).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Add a passkey' }).waitFor()
    await opener(page).waitFor({ state: 'detached' })
  })

  it('changes nothing for whoever leaves it', async () => {
    const { page } = await openAfterAWhile(on, await createMember(on.app))
    await opener(page).focus()
    await page.keyboard.press('Enter')
    await dialogOn(page).waitFor()
    await page.keyboard.press('Escape')
    await dialogOn(page).waitFor({ state: 'detached' })
    await expect.poll(() => opener(page).evaluate((button) => button === document.activeElement)).toBe(true)
  })

  it('takes a code where an app is in use, on a phone and in the dark', async () => {
    const member = await createTwoFactorMember(on.app)
    const visitor = await on.open({ width: 360, theme: 'dark' })
    const { page, log } = visitor
    log.expect(REFUSED)
    log.expect('401 GET /api/v1/auth/tokens?limit=100')
    await visitor.open('/signin?next=/settings/security')
    await page.getByLabel('Username or email address').fill(member.username)
    await page.getByLabel('Password', { exact: true }).fill(member.password)
    await page.keyboard.press('Enter')
    await page.getByLabel('Code from your authenticator app').fill(codeAt(on.app, member.secret))
    expect(await accessibilityFaults(page)).toEqual([])
    await page.keyboard.press('Enter')
    await page.waitForURL(`${on.url}/settings/security`)
    on.app.clock.advance(6 * MINUTE)
    await visitor.open('/settings/security')
    await opener(page).click()
    const code = dialogOn(page).getByLabel('Code from your authenticator app')
    await code.waitFor()
    expect(await page.getByLabel('Password', { exact: true }).count()).toBe(0)
    expect(await accessibilityFaults(page)).toEqual([])
    await code.fill(codeAt(on.app, member.secret))
    await page.keyboard.press('Enter')
    await dialogOn(page).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Add a passkey' }).waitFor()
  })

  it('takes a passkey', async () => {
    const member = await createMember(on.app)
    const visitor = await on.open()
    const { page, log } = visitor
    log.expect(REFUSED)
    log.expect('401 GET /api/v1/auth/tokens?limit=100')
    await visitor.signIn(member)
    await plugInPasskeys(page)
    await visitor.open('/home')
    await addPasskey(page, 'Virtual')
    on.app.clock.advance(6 * MINUTE)
    await visitor.open('/settings/security')
    await opener(page).click()
    await dialogOn(page).getByRole('button', { name: 'Use a passkey' }).click()
    await dialogOn(page).waitFor({ state: 'detached' })
    await page.getByText('Virtual').waitFor()
  })
})
