import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { createMember, createSignedInMember, tryToSignIn } from '../../server/src/testing/factories.ts'
import { countStored } from '../../server/src/testing/stored-rows.ts'
import { createDeskOwner } from './testing/desk.ts'
import { describeWebApp } from './testing/start-web-app.ts'

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

describeWebApp('the settings of a member', {}, (on) => {
  it('keep the profile, and say at the field what is wrong with it', async () => {
    const member = await createMember(on.app)
    const { page, log, ...visitor } = await on.open()
    log.expect('422 PUT /api/v1/users/me')
    await visitor.signIn(member)
    await visitor.open('/settings')
    await page.waitForURL('**/settings/profile')
    await page.getByLabel('Name', { exact: true }).fill('Ada of the Pits')
    await page.getByLabel('About you').fill('Trades slowly.\nReads quickly.')
    const website = page.getByLabel('Website')
    await website.fill('javascript:alert(1)')
    await button(page, 'Save').click()
    await expect.poll(() => website.getAttribute('aria-invalid')).toBe('true')
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Ada of the Pits')
    await website.fill('https://example.org/')
    await page.getByLabel('Where you are').fill('Chicago')
    await button(page, 'Save').click()
    await page.getByText('Your profile is saved.').first().waitFor()

    await page.reload()
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Ada of the Pits')
    expect(await page.getByLabel('About you').inputValue()).toBe('Trades slowly.\nReads quickly.')
    expect(await website.inputValue()).toBe('https://example.org/')
    expect(await page.getByLabel('Where you are').inputValue()).toBe('Chicago')
    await button(page, `Menu of ${member.username}`).click()
    await page.getByRole('menu').getByText('Ada of the Pits').waitFor()
  })

  it('show the site light or dark, here and at the next visit', async () => {
    const { page, ...visitor } = await on.open({ theme: 'light' })
    await visitor.signIn(await createMember(on.app))
    await visitor.open('/settings/profile')
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
    const light = await ground()
    await page.getByLabel('Dark').check()
    await expect.poll(ground).not.toBe(light)
    const dark = await ground()
    await page.reload()
    await visitor.settle()
    await expect.poll(ground).toBe(dark)
    expect(await page.getByLabel('Dark').isChecked()).toBe(true)
  })

  it('close the account to strangers, who ask and are let in one by one', async () => {
    const member = await createMember(on.app)
    const { page, ...visitor } = await on.open({ width: 360 })
    await visitor.signIn(member)
    await visitor.open('/settings/privacy')
    await page.getByText('Nobody is waiting.').waitFor()
    await page.getByLabel('Private account').click()
    await page.getByText('Your account is private now.').first().waitFor()
    const [welcome, unwelcome] = [await createSignedInMember(on.app), await createSignedInMember(on.app)]
    for (const { accessToken: token } of [welcome, unwelcome])
      await on.app.send('POST', `/users/${member.id}/follow`, { token, body: {} })
    await visitor.open('/settings/privacy')
    expect(await page.getByLabel('Private account').isChecked()).toBe(true)
    await button(page, `Accept ${welcome.username}`).click()
    await button(page, `Accept ${welcome.username}`).waitFor({ state: 'detached' })
    await button(page, `Decline ${unwelcome.username}`).click()
    await page.getByText('Nobody is waiting.').waitFor()
    const followers = `following_id = '${member.id}'`
    expect(await countStored(on.app, 'follows', followers)).toBe(1)
  })

  it('delete the account only for who has typed its name', async () => {
    const owner = await createDeskOwner(on.app)
    const { page, ...visitor } = await on.open({ width: 360 })
    await visitor.signIn(owner)
    await visitor.open('/settings/delete')
    const name = page.getByLabel(`Type ${owner.username} to go on`)
    await name.fill('somebody else')
    await button(page, 'Delete my account').click()
    await page.getByText(`That is not the name. Type ${owner.username}.`).waitFor()
    expect((await tryToSignIn(on.app, owner.username)).status).toBe(200)
    await name.fill(owner.username)
    await button(page, 'Delete my account').click()
    await page.waitForURL(`${on.url}/`)
    await visitor.settle()
    await page.getByRole('main').getByRole('link', { name: 'Make an account' }).waitFor()
    expect((await visitor.context.cookies()).map(({ name: each }) => each)).not.toContain(
      '__Host-outcry-session',
    )
    expect((await tryToSignIn(on.app, owner.username)).status).toBe(401)
  })
})
