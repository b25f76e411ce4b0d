import { expect, it } from 'vitest'
import { accessibilityFaults } from './accessibility.ts'
import { describeWebApp } from './start-web-app.ts'
import type { Visitor } from './visitor.ts'

describeWebApp('what a test sees of a page', {}, (on) => {
  /** At a page that does what it must not, which fails no test here. */
  const openBadly = async (misbehave: () => unknown): Promise<Visitor> => {
    const visitor = await on.open()
    await visitor.open('/forgot')
    expect(visitor.log.faults()).toEqual([])
    await visitor.page.evaluate(misbehave)
    await expect.poll(() => visitor.log.faults()).not.toEqual([])
    return visitor
  }
  const faultsAfter = async (misbehave: () => unknown): Promise<string> => {
    const { log } = await openBadly(misbehave)
    const faults = log.faults().join('\n')
    log.allow(/./)
    return faults
  }

  it('is what scripts throw and complain about', async () => {
    expect(await faultsAfter(() => void setTimeout(() => JSON.parse('no JSON')))).toMatch(
      /^thrown: SyntaxError/,
    )
    expect(await faultsAfter(() => void Promise.reject(new Error('Nobody waits.')))).toContain(
      'Nobody waits.',
    )
    // biome-ignore lint/suspicious/noConsole: it is what the test is about
    expect(await faultsAfter(() => console.error('A complaint.'))).toBe('error: A complaint.')
  })

  it('is what the Content Security Policy stops', async () => {
    const style = await faultsAfter(() => document.body.setAttribute('style', 'color: red'))
    expect(style).toContain('Content Security Policy')
    const elsewhere = await faultsAfter(() => void fetch('http://127.0.0.1:9/').catch(() => undefined))
    expect(elsewhere).toContain('Content Security Policy')
    const script = await faultsAfter(() => void setTimeout(() => document.body.setAttribute('onclick', '1')))
    expect(script).toContain('TrustedScript')
  })

  it('is every answer from 400 on, unless the test names it', async () => {
    const { log, page } = await openBadly(() => void fetch('/api/v1/nothing-here'))
    expect(log.faults()).toEqual(['404 GET /api/v1/nothing-here'])
    log.expect('404 GET /api/v1/nothing-here')
    log.expect('404 GET /api/v1/later')
    expect(log.faults()).toEqual(['never came: 404 GET /api/v1/later'])
    await page.evaluate(() => void fetch('/api/v1/later'))
    await expect.poll(log.faults).toEqual([])
  })

  it('is every request that leaves the site', async () => {
    const visitor = await on.open()
    await visitor.open('/forgot')
    await visitor.page.goto('http://127.0.0.1:9/').catch(() => undefined)
    expect(visitor.log.faults()).toContain('left for http://127.0.0.1:9/')
    visitor.log.allow(/./)
  })

  it('is what makes a page inaccessible', async () => {
    const visitor = await on.open()
    await visitor.open('/forgot')
    expect(await accessibilityFaults(visitor.page)).toEqual([])
    await visitor.page.evaluate(() => document.body.append(document.createElement('button')))
    expect((await accessibilityFaults(visitor.page)).join()).toContain('button-name')
  })
})
