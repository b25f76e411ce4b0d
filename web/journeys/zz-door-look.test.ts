import { it } from 'vitest'
import { createMember, registerMember, resetTokenFor } from '../../server/src/testing/factories.ts'
import { describeWebApp } from './testing/start-web-app.ts'
import { DESK, overflowOf, PHONE, sizeOf } from './testing/visitor.ts'

describeWebApp('looks', {}, (on) => {
  it('takes pictures', async () => {
    for (const theme of ['light', 'dark'] as const) {
      const visitor = await on.open({ theme })
      for (const path of ['/', '/signup', '/signin', '/verify', '/verify#token=abc', '/forgot', '/reset', '/reset#token=abc', '/setup', '/setup#token=abc']) {
        await visitor.page.goto("about:blank")
          .catch(() => {})
        await visitor.open(path)
        for (const width of [DESK, PHONE]) {
          await visitor.page.setViewportSize(sizeOf(width))
          await visitor.settle()
          await visitor.page.screenshot({ path: `/tmp/door/shots/${path.replace(/\W+/g, '_')}-${theme}-${width}.png`, fullPage: true })
          const o = await overflowOf(visitor.page)
          if (o) console.log('overflow', path, width, o)
        }
      }
      console.log(visitor.log.faults())
    }
  })
})
