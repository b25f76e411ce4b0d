import { expect, it } from 'vitest'
import { createMember, type Member, PASSWORD } from '../../../testing/factories.ts'
import { createTwoFactorMember, nextCode, signInWithCode } from '../../../testing/factories-two-factor.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0'
const SAFARI =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15'

forEachApp('a sign-in that is complete', {}, (on) => {
  const signInWith = async ({ username }: Member, userAgent: string) => {
    const answer = await on.app.send('POST', '/auth/login/json', {
      headers: { 'user-agent': userAgent },
      body: { username_or_email: username, password: PASSWORD },
    })
    expect(answer.status, answer.text).toBe(200)
  }
  const notices = async ({ email }: Pick<Member, 'email'>) => {
    await on.app.settle()
    return on.app.mail.to(email).filter(({ text }) => text.includes('a device that was not seen before'))
  }

  it('C49: is told of when the device is new, once for each, and not the first time', async () => {
    const member = await createMember(on.app)
    const other = await createMember(on.app)
    await signInWith(member, FIREFOX)
    await signInWith(member, FIREFOX)
    expect(await notices(member)).toEqual([])
    await signInWith(member, SAFARI)
    await signInWith(member, SAFARI)
    await signInWith(member, FIREFOX)
    const [mail, ...others] = await notices(member)
    expect(others).toEqual([])
    expect(mail?.text).toContain('Safari')
    expect(`${mail?.text}${mail?.html}`).not.toMatch(/href|https?:/)
    expect(await notices(other)).toEqual([])
  })

  it('C49: is not told of while a factor is missing', async () => {
    const member = await createTwoFactorMember(on.app)
    const before = (await notices(member)).length
    await on.app.send('POST', '/auth/login/json', {
      headers: { 'user-agent': SAFARI },
      body: { username_or_email: member.username, password: PASSWORD },
    })
    expect(await notices(member)).toHaveLength(before)
    nextCode(on.app)
    expect((await signInWithCode(on.app, member)).status).toBe(200)
  })
})
