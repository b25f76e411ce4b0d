import { beforeAll, describe, expect, it } from 'vitest'
import { lintSamples } from './lint-files.ts'

const REFUSED = [
  'token === given',
  'given !== row.token_hash',
  'session.refreshToken == given',
  'digestToken(text) !== row.digest',
  "createHmac('sha256', key).update(text).digest('hex') === given.mac",
  'codes[0]?.code === given || isOpen',
  'user?.password_hash !== given',
  'digest.equals(given)',
  'Buffer.compare(given, signature) === 0',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of a template
  "`Bearer ${token}` === header.split(',')[0]",
]

const LEFT_ALONE = [
  'token === undefined',
  "error.code !== 'ENOENT'",
  'error.errcode === BUSY',
  "typeof token === 'string'",
  'token.length === 43',
  'session.token_id === id',
  'equalDigests(digest, given)',
]

let linted: Awaited<ReturnType<typeof lintSamples>>

beforeAll(async () => {
  linted = await lintSamples({
    refused: REFUSED,
    leftAlone: LEFT_ALONE,
    named: { 'made-up.test.ts': 'token === given' },
  })
})

describe('the linter', () => {
  it.each(REFUSED.map((comparison, at) => ({ comparison, at })))('C50: refuses $comparison', ({ at }) => {
    expect(linted.isRefused(`refused-${at}.ts`), linted.output).toBe(true)
    expect(linted.output).toContain('equalDigests')
    expect(linted.status).toBe(1)
  })

  it.each(LEFT_ALONE.map((comparison, at) => ({ comparison, at })))('leaves $comparison alone', ({ at }) => {
    expect(linted.isRefused(`left-alone-${at}.ts`), linted.output).toBe(false)
  })

  it('leaves tests alone', () => {
    expect(linted.isRefused('made-up.test.ts')).toBe(false)
  })
})
