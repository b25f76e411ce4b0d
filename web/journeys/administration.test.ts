import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { doomedJobs } from '../../server/src/testing/doomed-jobs.ts'
import { createMember, type Member } from '../../server/src/testing/factories.ts'
import { storedRows } from '../../server/src/testing/stored-rows.ts'
import { accessibilityFaults } from './testing/accessibility.ts'
import { describeWebApp, type WebFixture } from './testing/start-web-app.ts'

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const card = (page: Page, title: string) =>
  page.locator('section', { has: page.getByRole('heading', { level: 2, name: title }) })

async function openAs(on: WebFixture, role: 'admin' | 'moderator' | 'user', path: string) {
  const visitor = await on.open()
  await visitor.signIn(await createMember(on.app, { role }))
  await visitor.open(path)
  return visitor
}

const rowOf = (page: Page, { username }: Member) =>
  page.locator('tbody tr', { has: page.getByRole('rowheader', { name: `@${username}` }) })

async function decideAbout(page: Page, username: string) {
  await page.getByLabel('Name', { exact: true }).fill(username)
  await button(page, 'Search').click()
  await button(page, `Decide about ${username}`).click()
  return page.getByRole('dialog', { name: `@${username}` })
}

describeWebApp('the administration of members', { dialects: ['sqlite', 'postgres'] }, (on) => {
  it('suspends somebody with a reason, which closes their open page, and opens the account again', async () => {
    const member = await createMember(on.app)
    const theirs = await on.open()
    await theirs.signIn(member)
    await theirs.open('/home')
    const { page } = await openAs(on, 'admin', '/admin/users')
    const dialog = await decideAbout(page, member.username)
    expect(await accessibilityFaults(page)).toEqual([])
    await dialog.getByLabel('Reason').fill('Posts of stolen keys')
    await button(page, 'Suspend').click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByText(`The account of @${member.username} is suspended.`).first().waitFor()
    await page.getByText('By name only active members are found.').waitFor()
    await theirs.page.getByRole('alertdialog', { name: 'You are signed out' }).waitFor()
    const [entry] = await storedRows(on.app, 'audit_events', `object_id = '${member.id}' order by seq desc`)
    expect(JSON.stringify(entry)).toContain('Posts of stolen keys')

    theirs.log.expect(/^401 (?:GET \/api\/v1\/auth\/me|POST \/api\/v1\/auth\/(?:refresh|login\/json))$/)
    theirs.log.allow('401 POST /api/v1/auth/passkeys/login/options') // asked before the old cookies are gone
    await theirs.page.getByRole('link', { name: 'Sign in' }).click()
    const signIn = async () => {
      await theirs.page.getByLabel('Username or email address').fill(member.username)
      await theirs.page.getByLabel('Password', { exact: true }).fill(member.password)
      await theirs.page.getByRole('main').getByRole('button', { name: 'Sign in', exact: true }).click()
    }
    await signIn()
    await theirs.page.getByRole('alert').waitFor()

    await page.getByLabel('Name', { exact: true }).fill('')
    await button(page, 'Search').click()
    await page.getByLabel('Standing').selectOption('Suspended')
    await rowOf(page, member).getByText('Suspended').waitFor()
    await button(page, `Decide about ${member.username}`).click()
    await page.getByLabel('Reason').fill('Cleared up')
    await button(page, 'Open the account').click()
    await page.getByText(`The account of @${member.username} is opened.`).first().waitFor()
    await signIn()
    await theirs.page.waitForURL('**/home')
  })

  it('changes a role, and finds who has it', async () => {
    const member = await createMember(on.app)
    const { page, settle } = await openAs(on, 'admin', '/admin/users')
    const dialog = await decideAbout(page, member.username)
    await dialog.getByLabel('Role').selectOption('Moderator')
    await button(page, 'Save').click()
    await page.getByText(`@${member.username} is changed.`).first().waitFor()
    await rowOf(page, member).getByText('Moderator').waitFor()
    await page.getByLabel('Name', { exact: true }).fill('')
    await button(page, 'Search').click()
    await page.getByLabel('Role').selectOption('Moderator')
    await settle()
    await expect.poll(() => page.locator('tbody th').allInnerTexts()).toEqual([`@${member.username}`])
    const [stored] = await storedRows(on.app, 'users', `id = '${member.id}'`)
    expect(stored?.role).toBe('moderator')
  })

  it('is shown to administrators alone', async () => {
    for (const role of ['user', 'moderator'] as const) {
      const { page, ...visitor } = await openAs(on, role, '/admin/users')
      await page.getByText('This page is for administrators.').waitFor()
      expect(await page.getByRole('table').count()).toBe(0)
      await visitor.open('/admin/system')
      await page.getByText('This page is for administrators.').waitFor()
    }
  })
})

const reports = [
  { entries: 41, signedTo: 40, faults: [] },
  { entries: 17, signedTo: 12, faults: ['Entry 18 is not as it was written.'] },
]
const verifyAuditLog = async () => reports.shift() ?? { entries: 0, signedTo: 0, faults: [] }

describeWebApp('the page of the system', { verifyAuditLog }, (on) => {
  it('shows the figures, verifies the audit log, and has given-up work tried again', async () => {
    const jobs = doomedJobs(on.app)
    await jobs.giveUp({ about: 'the journey' })
    const visitor = await openAs(on, 'admin', '/admin/system')
    const { page } = visitor
    await card(page, 'Health').getByText('Well').waitFor()
    const storage = await card(page, 'Storage').innerText()
    expect(storage).toContain(on.dialect === 'sqlite' ? 'SQLite' : 'PostgreSQL')
    expect(await card(page, 'Keys').getByRole('listitem').count()).toBeGreaterThan(5)
    expect(await accessibilityFaults(page)).toEqual([])

    const work = card(page, 'Work that was given up')
    await work.getByText('Tried 1 time,').waitFor()
    jobs.failWith(undefined)
    await button(page, 'Try again: test.doomed').click()
    await work.getByText('None.').waitFor()
    await on.app.settle()
    expect(jobs.done).toEqual(['the journey'])

    const log = card(page, 'Audit log')
    const verify = async () => {
      await button(page, 'Verify now').click()
      await button(page, 'Verifying').waitFor()
      await on.app.settle()
      await visitor.open('/admin/system')
    }
    await verify()
    await log
      .getByText('Every entry up to number 41 is as it was written, and signed up to number 40.')
      .waitFor()
    await verify()
    await log.getByRole('alert').getByText('Entry 18 is not as it was written.').waitFor()
  })
})
