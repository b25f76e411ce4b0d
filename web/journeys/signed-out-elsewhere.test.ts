import { expect, it } from 'vitest'
import { createMember, signIn } from '../../server/src/testing/factories.ts'
import { describeWebApp } from './testing/start-web-app.ts'

describeWebApp('a session that is ended elsewhere', { dialects: ['sqlite', 'postgres'] }, (on) => {
  it('covers the page at once, and leads back to it after signing in', async () => {
    const member = await createMember(on.app)
    const visitor = await on.open()
    await visitor.signIn(member)
    await visitor.open('/positions')
    const { accessToken: token } = await signIn(on.app, member)
    visitor.log.expect('401 GET /api/v1/auth/me')
    visitor.log.expect('401 POST /api/v1/auth/refresh')
    visitor.log.allow('401 POST /api/v1/auth/passkeys/login/options') // asked before the old cookies are gone
    await on.app.send('POST', '/auth/logout', { token, body: { all: true } })

    const cover = visitor.page.getByRole('alertdialog', { name: 'You are signed out' })
    await cover.waitFor()
    await cover.getByRole('link', { name: 'Sign in' }).click()
    await visitor.settle()
    await visitor.page.getByLabel('Username or email').fill(member.username)
    await visitor.page.getByLabel('Password', { exact: true }).fill(member.password)
    await visitor.page.getByRole('main').getByRole('button', { name: 'Sign in', exact: true }).click()
    await visitor.page.waitForURL('**/positions')
  })

  it('leaves other browsers of the same member open', async () => {
    const member = await createMember(on.app)
    const [ended, kept] = [await on.open(), await on.open()]
    for (const visitor of [ended, kept]) {
      await visitor.signIn(member)
      await visitor.open('/home')
    }
    const cookie = (await ended.context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
    const headers = { cookie, origin: on.url }
    expect((await on.app.send('POST', '/auth/logout', { body: {}, headers })).status).toBe(200)

    await ended.page.getByRole('alertdialog').waitFor()
    await kept.page.reload()
    await kept.settle()
    expect(new URL(kept.page.url()).pathname).toBe('/home')
    expect(await kept.page.getByRole('alertdialog').count()).toBe(0)
  })
})
