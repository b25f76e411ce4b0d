import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import {
  createMember,
  type Member,
  newEmail,
  PASSWORD,
  tryToSignIn,
} from '../../server/src/testing/factories.ts'
import { storedRows } from '../../server/src/testing/stored-rows.ts'
import { accessibilityFaults } from './testing/accessibility.ts'
import { describeWebApp, type WebFixture } from './testing/start-web-app.ts'
import { DESK, overflowOf, PHONE, type Visitor } from './testing/visitor.ts'

const MINUTE = 60_000
const NEXT = 'another quiet and long sentence'

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name })
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const main = (page: Page) => page.getByRole('main')

async function tokenIn(on: WebFixture, email: string, page: string): Promise<string> {
  await on.app.settle()
  const link = new RegExp(`/${page}#token=([\\w-]{43})`)
  const [token] = on.app.mail.to(email).flatMap(({ text }) => link.exec(text)?.[1] ?? [])
  if (token === undefined) throw new Error(`No mail with a link to ${page} went to ${email}.`)
  return token
}

/** Asks for another address in the settings, six minutes after signing in. */
async function askFor(
  on: WebFixture,
  visitor: Visitor,
  { member, email }: { member: Member; email: string },
) {
  const { page, log } = visitor
  log.expect('401 POST /api/v1/users/me/email')
  log.allow(/^401 GET \/api\/v1\/auth\/(passkeys|tokens)\?limit=100$/)
  await visitor.signIn(member)
  on.app.clock.advance(6 * MINUTE)
  await visitor.open('/settings/security')
  const field = page.getByLabel('New email address')
  await field.fill(email)
  await field.press('Enter')
  const proof = page.getByRole('dialog', { name: 'Confirm that it is you' })
  await proof.getByLabel('Password', { exact: true }).fill(member.password)
  await page.keyboard.press('Enter')
  await page.getByText(`A mail went to ${email}.`).waitFor()
  expect(await field.inputValue()).toBe('')
}

describeWebApp('another address', { dialects: ['sqlite', 'postgres'] }, (on) => {
  const emailOf = async ({ id }: Member) => (await storedRows(on.app, 'users', `id = '${id}'`))[0]?.email

  it.for([DESK, PHONE])('is asked for, proven, and undone by the old one, at %i px', async (width) => {
    const member = await createMember(on.app)
    const email = newEmail()
    const visitor = await on.open({ width })
    const { page } = visitor
    await askFor(on, visitor, { member, email })
    expect(await accessibilityFaults(page)).toEqual([])
    expect(await overflowOf(page)).toBe(0)
    expect(await emailOf(member)).toBe(member.email)

    await visitor.open(`/email-change#token=${await tokenIn(on, email, 'email-change')}`)
    expect(page.url()).toBe(`${on.url}/email-change`)
    await heading(page, 'Use this address').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    expect(await overflowOf(page)).toBe(0)
    expect(await emailOf(member)).toBe(member.email)
    await button(page, 'Use this address').focus()
    await page.keyboard.press('Enter')
    await heading(page, 'Your address is changed').waitFor()
    await page.getByText(`Your account has the address ${email} now.`).waitFor()
    expect(await emailOf(member)).toBe(email)
    await main(page).getByRole('link', { name: 'Go to your desk' }).click()
    await page.waitForURL('**/home')

    const owner = await on.open({ width })
    await owner.open(`/email-change/undo#token=${await tokenIn(on, member.email, 'email-change/undo')}`)
    expect(owner.page.url()).toBe(`${on.url}/email-change/undo`)
    expect(await accessibilityFaults(owner.page)).toEqual([])
    expect(await overflowOf(owner.page)).toBe(0)
    await button(owner.page, 'Put this address back').click()
    await heading(owner.page, 'Your address is restored').waitFor()
    expect(await accessibilityFaults(owner.page)).toEqual([])
    expect(await emailOf(member)).toBe(member.email)
    await page.getByRole('alertdialog', { name: 'You are signed out' }).waitFor()
    expect((await tryToSignIn(on.app, member.username, PASSWORD)).status).toBe(401)

    await owner.open(`/reset#token=${await tokenIn(on, member.email, 'reset')}`)
    await owner.page.getByLabel('New password').fill(NEXT)
    await button(owner.page, 'Set the new password').click()
    await heading(owner.page, 'Your new password is set').waitFor()
    expect((await tryToSignIn(on.app, member.email, NEXT)).status).toBe(200)
  })

  it('is proven in a browser where nobody is signed in', async () => {
    const member = await createMember(on.app)
    const email = newEmail()
    const [asking, visitor] = [await on.open(), await on.open()]
    await askFor(on, asking, { member, email })
    await visitor.open(`/email-change#token=${await tokenIn(on, email, 'email-change')}`)
    await button(visitor.page, 'Use this address').click()
    await heading(visitor.page, 'Your address is changed').waitFor()
    await main(visitor.page).getByRole('link', { name: 'Sign in' }).waitFor()
    await asking.open('/settings/security')
    await asking.page.getByText(`Your account has the address ${email}.`).waitFor()
  })

  it('signs the browser out that proves it in a session that did not ask, and says so by its way in', async () => {
    const member = await createMember(on.app)
    const email = newEmail()
    const [asking, visitor] = [await on.open(), await on.open()]
    await askFor(on, asking, { member, email })
    await visitor.signIn(member)
    await visitor.open(`/email-change#token=${await tokenIn(on, email, 'email-change')}`)
    await button(visitor.page, 'Use this address').click()
    await heading(visitor.page, 'Your address is changed').waitFor()
    await main(visitor.page).getByRole('link', { name: 'Sign in' }).waitFor()
    expect(await visitor.page.getByRole('alertdialog').count()).toBe(0)
    expect((await visitor.context.cookies()).map(({ name }) => name)).not.toContain('__Host-outcry-session')
  })
})

describeWebApp('a change of address that cannot be', {}, (on) => {
  it('is told at the field, and what was typed is kept', async () => {
    const member = await createMember(on.app)
    const visitor = await on.open()
    const { page, log } = visitor
    log.expect('422 POST /api/v1/users/me/email')
    log.expect('400 POST /api/v1/users/me/email')
    await visitor.signIn(member)
    await visitor.open('/settings/security')
    const field = page.getByLabel('New email address')
    for (const [typed, told] of [
      ['no address', 'Must be an email address.'],
      [member.email, 'Your account has this address already'],
    ] as const) {
      await field.fill(typed)
      await button(page, 'Change the address').click()
      await page.getByText(told).waitFor()
      expect(await field.getAttribute('aria-invalid')).toBe('true')
      await expect.poll(() => field.evaluate((input) => input === document.activeElement)).toBe(true)
      expect(await field.inputValue()).toBe(typed)
    }
    expect(await accessibilityFaults(page)).toEqual([])
  })

  it.for([
    ['email-change', 'Use this address'],
    ['email-change/undo', 'Put this address back'],
  ] as const)('is told by /%s for a link that is over', async ([path, action]) => {
    const visitor = await on.open()
    visitor.log.expect(`400 POST /api/v1/auth/email-change/${path === 'email-change' ? 'confirm' : 'undo'}`)
    await visitor.open(`/${path}#token=${'A'.repeat(43)}`)
    await button(visitor.page, action).click()
    await visitor.page.getByText('This link is not valid any more').waitFor()
    expect(await accessibilityFaults(visitor.page)).toEqual([])
  })
})
