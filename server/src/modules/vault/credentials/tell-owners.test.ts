import { expect, it } from 'vitest'
import { DAY, HOUR } from '../../../platform/durations.ts'
import { createSignedInMember, signIn } from '../../../testing/factories.ts'
import { credentialRow, forEachVaultApp, storeCredential } from '../../../testing/factories-vault.ts'
import { type ActingMember, insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { startTestApp } from '../../../testing/start-test-app.ts'
import { credentialExpiring } from '../vault.events.ts'

forEachVaultApp('what owners are told of an expiry', {}, (on) => {
  const inDays = (days: number) => new Date(on.app.clock.now().getTime() + days * DAY).toISOString()
  const mailsTo = ({ email }: Pick<ActingMember, 'email'>) =>
    on.app.mail
      .to(email)
      .map(({ text }) => (/found to (.*?)\./.exec(text)?.[1] ?? text).replaceAll('\n', ' '))
  const pass = async (days: number) => {
    for (let passed = 0; passed < days; passed++) {
      on.app.clock.advance(DAY)
      await on.app.settle()
    }
  }

  it('is told 14, 3 and 0 days before, once each, to other modules too', async () => {
    const owner = await insertSignedInMember(on.app)
    const heard: unknown[] = []
    on.app.app.platform.events.on(credentialExpiring, {
      name: 'test.listen',
      run: async ({ payload }) => void heard.push(payload),
    })
    const { id } = await storeCredential(on.app, owner, { expires_at: inDays(20), nickname: 'Old key' })
    await storeCredential(on.app, owner)
    await pass(5)
    expect(mailsTo(owner)).toEqual([])
    await pass(2)
    expect(mailsTo(owner)).toEqual(['expire soon'])
    expect(on.app.mail.to(owner.email)[0]?.text).toContain('“Old key”')
    await pass(8)
    expect(mailsTo(owner)).toEqual(['expire soon'])
    await pass(3)
    expect(mailsTo(owner)).toEqual(['expire soon', 'expire soon'])
    await pass(10)
    expect(mailsTo(owner).toSorted()).toEqual(['expire soon', 'expire soon', 'have expired'])
    expect((await credentialRow(on.app, id))?.expiry_notice).toBe(0)
    const facts = { credential_id: id, user_id: owner.id }
    expect(heard).toEqual([14, 3, 0].map((days_left) => ({ ...facts, days_left })))
  })

  it('is told the last of what is due at once, and of what is switched off or deleted nothing', async () => {
    const owner = await createSignedInMember(on.app)
    const token = owner.accessToken
    const soon = await storeCredential(on.app, owner, { expires_at: inDays(2) })
    const off = await storeCredential(on.app, owner, { expires_at: inDays(2) })
    const gone = await storeCredential(on.app, owner, { expires_at: inDays(2) })
    await on.app.send('PUT', `/credentials/${off.id}`, { token, body: { is_active: false } })
    await on.app.send('DELETE', `/credentials/${gone.id}`, { token })
    await pass(1)
    expect(mailsTo(owner)).toEqual(['expire soon'])
    expect((await credentialRow(on.app, soon.id))?.expiry_notice).toBe(3)
    const again = await signIn(on.app, owner)
    const put = { token: again.accessToken, body: { expires_at: inDays(10) } }
    const { status } = await on.app.send('PUT', `/credentials/${soon.id}`, put)
    expect(status).toBe(200)
    expect((await credentialRow(on.app, soon.id))?.expiry_notice).toBeNull()
    await pass(1)
    expect(mailsTo(owner)).toEqual(['expire soon', 'expire soon'])
  })

  it('is told once by two nodes that work at the same time', async () => {
    const owner = await insertSignedInMember(on.app)
    await Promise.all(
      Array.from({ length: 5 }, () => storeCredential(on.app, owner, { expires_at: inDays(10) })),
    )
    const other = await startTestApp({ dialect: on.dialect, beside: on.app })
    on.app.clock.advance(2 * HOUR)
    await Promise.all([on.app.settle(), other.settle(), on.app.settle(), other.settle()])
    await other[Symbol.asyncDispose]()
    await on.app.settle()
    expect(mailsTo(owner)).toEqual(Array(5).fill('expire soon'))
  })
})
