import type { Page } from 'playwright-core'
import { beforeEach, expect, it } from 'vitest'
import {
  createMember,
  newUsername,
  PASSWORD,
  registerMember,
  verificationTokenFor,
} from '../../server/src/testing/factories.ts'
import { emailOf } from '../../server/src/testing/member-rows.ts'
import { accessibilityFaults } from './testing/accessibility.ts'
import { describeWebApp } from './testing/start-web-app.ts'

const MINUTE = 60_000

async function fillIn(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, value] of Object.entries(fields))
    await page.getByLabel(label, { exact: true }).fill(value)
}

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name })
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

describeWebApp('joining', { dialects: ['sqlite', 'postgres'] }, (on) => {
  beforeEach(() => on.app.clock.advance(MINUTE)) // one address may try again

  it('leads from signing up by way of the mail to the desk, and out again', async () => {
    const { page, log, ...visitor } = await on.open()
    const username = newUsername()
    const email = emailOf(username)
    await visitor.open('/')
    await page.getByRole('main').getByRole('link', { name: 'Make an account' }).click()
    await fillIn(page, { Username: username, 'Email address': email, Password: 'too short' })
    expect(await page.getByText('3 more characters to go').isVisible()).toBe(true)
    await fillIn(page, { Password: PASSWORD })
    expect(await page.getByText('Long enough.').isVisible()).toBe(true)
    await button(page, 'Make an account').click()
    await heading(page, 'Look into your mail').waitFor()
    expect(await page.getByText(email).isVisible()).toBe(true)

    await visitor.open(`/verify#token=${await verificationTokenFor(on.app, email)}`)
    expect(page.url()).toBe(`${on.url}/verify`)
    await button(page, 'Confirm my address').click()
    const done = heading(page, 'Your address is confirmed')
    await expect.poll(() => done.evaluate((title) => title === document.activeElement)).toBe(true)
    await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click()

    await fillIn(page, { 'Username or email address': username, Password: PASSWORD })
    await button(page, 'Sign in').click()
    await page.waitForURL('**/home')
    await button(page, `Menu of ${username}`).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.waitForURL(`${on.url}/`)
    await visitor.settle()
    await page.getByRole('main').getByRole('link', { name: 'Sign in' }).waitFor()
    expect((await visitor.context.cookies()).map(({ name }) => name)).not.toContain('__Host-outcry-session')
    await visitor.open('/home')
    expect(new URL(page.url()).pathname).toBe('/signin')
    expect(log.faults()).toEqual([])
  })

  it('keeps no secret where scripts could read it later', async () => {
    const member = await createMember(on.app)
    const { page, context, ...visitor } = await on.open()
    await visitor.open('/signin')
    await fillIn(page, { 'Username or email address': member.username, Password: member.password })
    await button(page, 'Sign in').click()
    await page.waitForURL('**/home')
    await visitor.settle()
    const stored = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
    )
    const cookies = await context.cookies()
    const secrets = cookies.filter(({ httpOnly }) => httpOnly).map(({ value }) => value)
    expect(secrets.length).toBeGreaterThanOrEqual(2)
    for (const secret of [...secrets, member.password, member.email]) expect(stored).not.toContain(secret)
    expect(cookies.every(({ secure, sameSite }) => secure && sameSite === 'Strict')).toBe(true)
  })

  it('tells at the field which name is taken and which password is no good, and keeps what was typed', async () => {
    const taken = await createMember(on.app)
    const { page, log, ...visitor } = await on.open()
    log.expect('400 POST /api/v1/auth/register')
    log.expect('422 POST /api/v1/auth/register')
    await visitor.open('/signup')
    const username = page.getByLabel('Username', { exact: true })
    await fillIn(page, {
      Username: taken.username,
      'Email address': emailOf(newUsername()),
      Password: PASSWORD,
    })
    await button(page, 'Make an account').click()
    await page.getByText('This username is taken; choose another username.').waitFor()
    expect(await username.getAttribute('aria-invalid')).toBe('true')
    expect(await username.evaluate((field) => field === document.activeElement)).toBe(true)
    expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe(PASSWORD)

    await fillIn(page, { Username: newUsername(), 'Email address': taken.email })
    await button(page, 'Make an account').click()
    await page.getByText('An account with this email exists already').waitFor()

    await fillIn(page, { 'Email address': emailOf(newUsername()), Password: 'passwordpassword' })
    await button(page, 'Make an account').click()
    await page.getByText('This password is on the list of common passwords').waitFor()
    const password = page.getByLabel('Password', { exact: true })
    await expect.poll(() => password.evaluate((field) => field === document.activeElement)).toBe(true)
    expect(await accessibilityFaults(page)).toEqual([])
  })

  it('shows somebody who has not confirmed their address what to do, and opens once they have', async () => {
    const member = await registerMember(on.app)
    const first = await verificationTokenFor(on.app, member.email)
    const { page, log, ...visitor } = await on.open()
    await visitor.signIn(member)
    await visitor.open('/home')
    expect(new URL(page.url()).pathname).toBe('/verify')
    await heading(page, 'Confirm your address first').waitFor()
    await button(page, 'I have followed the link').click()
    await page.getByText('It is not confirmed yet.').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])

    await button(page, 'Send the mail again').click()
    await page.getByText('Another mail is on its way.').waitFor()
    on.app.clock.advance(1_000)
    const second = await verificationTokenFor(on.app, member.email)
    expect(second).not.toBe(first)
    const body = { token: second }
    expect((await on.app.send('POST', '/auth/verify-email', { body })).status).toBe(200)
    await button(page, 'I have followed the link').click()
    await heading(page, 'Your address is confirmed').waitFor()
    await page.getByRole('main').getByRole('link', { name: 'Go to your desk' }).click()
    await page.waitForURL('**/home')
    expect(log.faults()).toEqual([])
  })

  it('lets somebody who waits for the mail sign out', async () => {
    const { page, ...visitor } = await on.open()
    await visitor.signIn(await registerMember(on.app))
    await visitor.open('/verify')
    await button(page, 'Sign out').click()
    await page.waitForURL(`${on.url}/`)
    await page.getByRole('main').getByRole('link', { name: 'Make an account' }).waitFor()
  })

  it('says what to do about a link that is not good any more', async () => {
    const { page, log, ...visitor } = await on.open()
    log.expect('400 POST /api/v1/auth/verify-email')
    await visitor.open(`/verify#token=${'A'.repeat(43)}`)
    await button(page, 'Confirm my address').click()
    await page.getByText('This link is not valid any more').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await fillIn(page, { 'Email address': 'nobody@example.test' })
    await button(page, 'Send a new link').click()
    await page.getByText('a new link is on its way').waitFor()
  })
})

describeWebApp('a new site', {}, (on) => {
  it('gets its administrator by the link of the server, once', async () => {
    const token = await on.app.app.accounts.offerSetup()
    const { page, log, ...visitor } = await on.open()
    await visitor.open(`/setup#token=${token}`)
    expect(page.url()).toBe(`${on.url}/setup`)
    await fillIn(page, { Username: 'keeper', 'Email address': 'keeper@example.test', Password: PASSWORD })
    await button(page, 'Make the administrator').click()
    await heading(page, 'Your site is ready').waitFor()
    await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click()
    await fillIn(page, { 'Username or email address': 'keeper', Password: PASSWORD })
    await button(page, 'Sign in').click()
    await page.waitForURL('**/home')
    await button(page, 'Menu of keeper').click()
    await page.getByRole('menuitem', { name: 'Members' }).waitFor()

    log.expect('400 POST /api/v1/auth/setup')
    await visitor.open(`/setup#token=${token}`)
    await fillIn(page, { Username: 'second', 'Email address': 'second@example.test', Password: PASSWORD })
    await button(page, 'Make the administrator').click()
    await page.getByText('This link or code is not valid any more').waitFor()
  })
})
