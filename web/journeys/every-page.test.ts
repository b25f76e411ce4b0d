import { expect, it } from 'vitest'
import { createMember, type Member } from '../../server/src/testing/factories.ts'
import { accessibilityFaults } from './testing/accessibility.ts'
import { type Audience, audienceOf, pagesFor } from './testing/page-table.ts'
import { describeWebApp } from './testing/start-web-app.ts'
import { DESK, overflowOf, PHONE, sizeOf, type Visitor, type VisitorTraits } from './testing/visitor.ts'

describeWebApp('every page', {}, (on) => {
  const members = new Map<Audience, Promise<Member>>()
  const memberOf = (audience: Audience) => {
    const known =
      members.get(audience) ?? createMember(on.app, { role: audience === 'member' ? 'user' : 'admin' })
    members.set(audience, known)
    return known
  }
  const visitorTo = async (audience: Audience, traits: VisitorTraits): Promise<Visitor> => {
    const visitor = await on.open(traits)
    if (audience !== 'visitor') await visitor.signIn(await memberOf(audience))
    return visitor
  }

  for (const [path, audience] of Object.entries(audienceOf)) {
    it.for(['light', 'dark'] as const)(
      `${path} is accessible in %s, on a desk and on a phone`,
      async (theme) => {
        const visitor = await visitorTo(audience, { theme })
        await visitor.open(path)
        for (const width of [DESK, PHONE]) {
          await visitor.page.setViewportSize(sizeOf(width))
          await visitor.settle()
          expect(await accessibilityFaults(visitor.page)).toEqual([])
          expect(await overflowOf(visitor.page)).toBe(0)
        }
      },
    )
  }

  it.for(pagesFor('member', 'administrator'))('%s sends visitors to sign in, and back', async (path) => {
    const visitor = await on.open()
    await visitor.open(path)
    const { pathname, searchParams } = new URL(visitor.page.url())
    expect([pathname, searchParams.get('next')]).toEqual(['/signin', path])
  })
})
