import type { Page } from 'playwright-core'
import { beforeEach, expect, it } from 'vitest'
import { createMember, resetTokenFor, signIn, tryToSignIn } from '../../server/src/testing/factories.ts'
import { codeAt, createTwoFactorMember, wrongCode } from '../../server/src/testing/factories-two-factor.ts'
import { countStored } from '../../server/src/testing/stored-rows.ts'
import { accessibilityFaults } from './testing/accessibility.ts'
import { describeWebApp } from './testing/start-web-app.ts'
import { addPasskey, plugInPasskeys, watchForAsking } from './testing/virtual-passkeys.ts'

const MINUTE = 60_000
const WRONG = 'certainly not the password'

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name })

const passkeySignIns = (id: string) => `action = 'sign_in.passkey' and result = 'ok' and object_id = '${id}'`

async function typePassword(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('Username or email address').fill(name)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await button(page, 'Sign in').click()
}

describeWebApp('signing in', { dialects: ['sqlite', 'postgres'] }, (on) => {
  beforeEach(() => on.app.clock.advance(MINUTE)) // one address may try again

  it('leads to where somebody was going, and to nowhere else', async () => {
    const member = await createMember(on.app)
    const { page, ...visitor } = await on.open()
    await visitor.open('/positions?sort=symbol')
    expect(new URL(page.url()).searchParams.get('next')).toBe('/positions?sort=symbol')
    await typePassword(page, member.email, member.password)
    await page.waitForURL(`${on.url}/positions?sort=symbol`)
    await visitor.open('/signin?next=//example.org/trap')
    await page.waitForURL(`${on.url}/home`)
  })

  it('says that a name or a password is wrong, keeps both, and later what else it may be', async () => {
    const { username, password } = await createMember(on.app)
    const { page, log, ...visitor } = await on.open()
    log.expect('401 POST /api/v1/auth/login/json')
    await visitor.open('/signin')
    const hint = page.getByText('After several wrong passwords')
    for (let n = 0; n < 3; n++) {
      expect(await hint.isVisible()).toBe(false)
      await typePassword(page, username, WRONG)
      await visitor.settle()
      await page.getByRole('alert').getByText('The name or the password is incorrect.').waitFor()
    }
    await hint.waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    expect(await page.getByLabel('Username or email address').inputValue()).toBe(username)
    expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe(WRONG)
    await typePassword(page, username, password)
    await page.waitForURL('**/home')
  })

  it('asks for a code where an app is in use', async () => {
    const member = await createTwoFactorMember(on.app)
    const { page, log, ...visitor } = await on.open()
    log.expect('401 POST /api/v1/auth/2fa/login')
    await visitor.open('/signin?next=/vault')
    await typePassword(page, member.username, member.password)
    const code = page.getByLabel('Code from your authenticator app')
    await code.waitFor()
    await expect.poll(() => code.evaluate((field) => field === document.activeElement)).toBe(true)
    expect((await visitor.context.cookies()).map(({ name }) => name)).not.toContain('__Host-outcry-session')

    await code.fill(wrongCode(on.app, member.secret))
    await button(page, 'Sign in').click()
    await page.getByText('This code is incorrect or not valid any more').waitFor()
    const right = codeAt(on.app, member.secret)
    await code.fill(`${right.slice(0, 3)} ${right.slice(3)}`)
    await button(page, 'Sign in').click()
    await page.waitForURL(`${on.url}/vault`)
  })

  it('takes a backup code instead, and starts again on wish', async () => {
    const member = await createTwoFactorMember(on.app)
    const { page, ...visitor } = await on.open()
    await visitor.open('/signin')
    await typePassword(page, member.username, member.password)
    await button(page, 'Start again').click()
    await typePassword(page, member.username, member.password)
    await button(page, 'Use a backup code').click()
    await page.getByLabel('Backup code').fill(String(member.backupCodes[0]).toLowerCase())
    await page.keyboard.press('Enter')
    await page.waitForURL('**/home')
  })

  it('begins again when the second step takes longer than five minutes', async () => {
    const member = await createTwoFactorMember(on.app)
    const { page, ...visitor } = await on.open()
    await page.clock.install()
    await visitor.open('/signin')
    await typePassword(page, member.username, member.password)
    await page.getByLabel('Code from your authenticator app').waitFor()
    await page.clock.fastForward('05:01')
    await page.getByText('That took too long').waitFor()
    await typePassword(page, member.username, member.password)
    await page.getByLabel('Code from your authenticator app').fill(codeAt(on.app, member.secret))
    await page.keyboard.press('Enter')
    await page.waitForURL('**/home')
  })

  it('takes somebody whose session ended while they were away for a visitor', async () => {
    const member = await createMember(on.app)
    const { page, log, ...visitor } = await on.open()
    await visitor.signIn(member)
    const { accessToken: token } = await signIn(on.app, member)
    expect((await on.app.send('POST', '/auth/logout', { token, body: { all: true } })).status).toBe(200)

    log.expect('401 GET /api/v1/auth/me')
    log.expect('401 POST /api/v1/auth/refresh')
    await visitor.open('/')
    await expect.poll(() => visitor.context.cookies()).toEqual([])
    await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click()
    await heading(page, 'Sign in').waitFor()
    expect(await page.getByRole('alertdialog').count()).toBe(0)
    await typePassword(page, member.username, member.password)
    await page.waitForURL('**/home')
  })

  it('works with a passkey alone, on a press or chosen among the suggestions for the name', async () => {
    const member = await createMember(on.app)
    const { page, context, ...visitor } = await on.open()
    await visitor.signIn(member)
    const passkeys = await plugInPasskeys(page)
    await visitor.open('/home')
    await addPasskey(page, 'Virtual')
    /** From where no page of the app is, which would go on asking without its cookies. */
    const forgetSession = async () => {
      await page.goto(`${on.url}/health/live`)
      await context.clearCookies()
    }
    expect(await passkeys.count()).toBe(1)

    await forgetSession()
    const hasAsked = await watchForAsking(page)
    await passkeys.setPresent(false)
    await visitor.open('/signin?next=/orders')
    await hasAsked() // its suggestions wait for nobody, so that the press is what signs in
    await passkeys.setPresent(true)
    await button(page, 'Use a passkey').click()
    await page.waitForURL(`${on.url}/orders`)
    await visitor.settle()

    await forgetSession()
    await visitor.open('/signin?next=/positions')
    await page.waitForURL(`${on.url}/positions`)
    expect(await countStored(on.app, 'audit_events', passkeySignIns(member.id))).toBe(2)
  })

  it('says so when no passkey was used, and goes on with the password', async () => {
    const member = await createMember(on.app)
    const { page, ...visitor } = await on.open()
    await plugInPasskeys(page)
    await visitor.open('/signin')
    await button(page, 'Use a passkey').click()
    await page.getByRole('alert').getByText('No passkey was used.').waitFor()
    await typePassword(page, member.username, member.password)
    await page.waitForURL('**/home')
  })
})

describeWebApp('signing in too often', { env: { OUTCRY_RATE_LIMITS: 'on' } }, (on) => {
  it('says how long to wait when there were too many tries', async () => {
    const { page, log, ...visitor } = await on.open()
    await visitor.open('/signin')
    for (let n = 0; n < 10; n++) await tryToSignIn(on.app, `nobody_${n}`)
    log.expect('429 POST /api/v1/auth/login/json')
    await typePassword(page, 'somebody', WRONG)
    const alert = page.getByRole('alert')
    await alert.getByText('That was too often.').waitFor()
    expect(await alert.textContent()).toMatch(/Try again in \d+ seconds?\./)
  })
})

describeWebApp('a forgotten password', { dialects: ['sqlite', 'postgres'] }, (on) => {
  beforeEach(() => on.app.clock.advance(MINUTE))

  it('is set anew by way of the mail, which ends every session', async () => {
    const member = await createMember(on.app)
    const [elsewhere, visitor] = [await on.open(), await on.open()]
    await elsewhere.signIn(member)
    await elsewhere.open('/home')
    const { page } = visitor
    await visitor.open('/signin')
    await page.getByRole('link', { name: 'Forgot your password?' }).click()
    await page.getByLabel('Email address', { exact: true }).fill(member.email)
    await button(page, 'Send the link').click()
    await heading(page, 'Look into your mail').waitFor()

    on.app.clock.advance(MINUTE)
    await visitor.open(`/reset#token=${await resetTokenFor(on.app, member.email)}`)
    expect(page.url()).toBe(`${on.url}/reset`)
    const next = 'another quiet and long sentence'
    await page.getByLabel('New password').fill(next)
    await button(page, 'Set the new password').click()
    await heading(page, 'Your new password is set').waitFor()

    await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click()
    visitor.log.expect('401 POST /api/v1/auth/login/json')
    await typePassword(page, member.username, member.password)
    await page.getByRole('alert').waitFor()
    await typePassword(page, member.username, next)
    await page.waitForURL('**/home')
    await elsewhere.page.getByRole('alertdialog', { name: 'You are signed out' }).waitFor()
  })

  it('tells at the field what is wrong with the new one, and what to do about an old link', async () => {
    const member = await createMember(on.app)
    const { page, log, ...visitor } = await on.open()
    log.expect('422 POST /api/v1/auth/password-reset/confirm')
    log.expect('400 POST /api/v1/auth/password-reset/confirm')
    const token = await resetTokenFor(on.app, member.email)
    await visitor.open(`/reset#token=${token}`)
    const field = page.getByLabel('New password')
    await field.fill('short')
    await button(page, 'Set the new password').click()
    await page.getByText('Use at least 12 characters for the password.').waitFor()
    await expect.poll(() => field.evaluate((input) => input === document.activeElement)).toBe(true)
    on.app.clock.advance(11 * MINUTE)
    await field.fill('another quiet and long sentence')
    await button(page, 'Set the new password').click()
    await page.getByText('This link or code is not valid any more').waitFor()
    await page.getByRole('link', { name: 'Have a new link sent' }).click()
    await heading(page, 'Set a new password').waitFor()
  })
})
