import { expect, it } from 'vitest'
import { createShell } from './shell.ts'

const HTML = `<head><title>Outcry</title><script nonce="__NONCE__" src="/a.js"></script><meta property="csp-nonce" nonce="__NONCE__"></head>`

const site = (siteName: string, isDemo = false) => ({ siteName, isDemo, passwordMinLength: 14 })

it('puts the nonce wherever the build left its place', () => {
  const page = createShell(HTML, site('Traders'))('abc')
  expect(page.match(/nonce="abc"/g)).toHaveLength(2)
  expect(page).not.toContain('__NONCE__')
})

it('names the site in the title and for the app, and never as markup', () => {
  const page = createShell(HTML, site(`"></title><script>$&'`))('abc')
  const escaped = '&quot;&gt;&lt;/title&gt;&lt;script&gt;$&amp;&#39;'
  expect(page).toContain(`<title>${escaped}</title>`)
  expect(page).toContain(`<meta name="outcry-site-name" content="${escaped}">`)
  expect(page.match(/<script/g)).toHaveLength(1)
})

it('tells the app how long a password must be, and that a demo is one', () => {
  const page = createShell(HTML, site('Traders'))('abc')
  expect(page).toContain('<meta name="outcry-password-min" content="14">')
  expect(page).not.toContain('outcry-demo')
  expect(createShell(HTML, site('Traders', true))('abc')).toContain('<meta name="outcry-demo" content="1">')
})

it('lets a site be called like the placeholder', () => {
  expect(createShell(HTML, site('__NONCE__'))('abc')).toContain('<title>__NONCE__</title>')
})

it('refuses a page without a title', () => {
  expect(() => createShell('<head></head>', site('Traders'))).toThrow('no title')
})
