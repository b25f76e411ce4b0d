import { expect, it } from 'vitest'
import { createMember, type Member } from '../../server/src/testing/factories.ts'
import { accessibilityFaults } from './testing/accessibility.ts'
import { createDeskOwner } from './testing/desk.ts'
import { type Audience, audienceOf, pagesFor } from './testing/page-table.ts'
import { describeWebApp } from './testing/start-web-app.ts'
import { DESK, overflowOf, PHONE, sizeOf } from './testing/visitor.ts'

describeWebApp('every page', {}, (on) => {
  let owner: Promise<Member> | undefined
  let administrator: Promise<Member> | undefined
  const someone: Readonly<Record<Audience, () => Promise<Member | undefined>>> = {
    visitor: async () => undefined,
    member: () => (owner ??= createDeskOwner(on.app)),
    administrator: () => (administrator ??= createMember(on.app, { role: 'admin' })),
  }

  for (const [path, audience] of Object.entries(audienceOf)) {
    it.for(['light', 'dark'] as const)(
      `${path} is accessible in %s, on a desk and on a phone`,
      async (theme) => {
        const visitor = await on.open({ theme })
        const member = await someone[audience]()
        if (member) await visitor.signIn(member)
        await visitor.open(path)
        expect(new URL(visitor.page.url()).pathname.startsWith(path)).toBe(true)
        await visitor.page.getByRole('heading', { level: 1 }).waitFor()
        await expect.poll(() => visitor.page.getByText(/^Loading /).count()).toBe(0)
        for (const width of [DESK, PHONE]) {
          await visitor.page.setViewportSize(sizeOf(width))
          await visitor.settle()
          expect(await accessibilityFaults(visitor.page)).toEqual([])
          expect(await overflowOf(visitor.page)).toBe(0)
        }
      },
    )
  }

  it.for(pagesFor('member', 'administrator'))(
    '%s sends strangers to sign in, and knows the way back',
    async (path) => {
      const visitor = await on.open()
      await visitor.open(path)
      const { pathname, searchParams } = new URL(visitor.page.url())
      expect([pathname, searchParams.get('next')]).toEqual(['/signin', path])
    },
  )

  it.for(pagesFor('administrator'))('%s shows members that it is not for them', async (path) => {
    const visitor = await on.open()
    const member = await someone.member()
    if (member) await visitor.signIn(member)
    visitor.log.allow(/^403 GET /)
    await visitor.open(path)
    expect(await visitor.page.getByRole('table').count()).toBe(0)
  })

  it('follows the device into the dark and back', async () => {
    const { page, ...visitor } = await on.open({ theme: 'dark' })
    await visitor.open('/signin')
    const brightness = () =>
      page.evaluate(() => {
        const { backgroundColor } = getComputedStyle(document.documentElement)
        const parts =
          backgroundColor
            .match(/[\d.]+/g)
            ?.slice(0, 3)
            .map(Number) ?? []
        return parts.reduce((sum, part) => sum + part, 0) / 3
      })
    expect(await brightness()).toBeLessThan(60)
    await page.emulateMedia({ colorScheme: 'light' })
    await expect.poll(brightness).toBeGreaterThan(200)
  })
})
