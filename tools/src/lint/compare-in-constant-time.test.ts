import { beforeAll, describe, expect, it } from 'vitest'
import { type Linted, lintFiles } from './lint-files.ts'

const FOLDER = 'server/src/platform'

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

let linted: Linted

beforeAll(async () => {
  const files = (kind: string, expressions: readonly string[]) =>
    expressions.map((expression, at) => [`${kind}-${at}.ts`, expression] as const)
  const all = [
    ...files('refused', REFUSED),
    ...files('left-alone', LEFT_ALONE),
    ['made-up.test.ts', 'token === given'],
  ]
  linted = await lintFiles(
    Object.fromEntries(all.map(([name, text]) => [`${FOLDER}/${name}`, `export const made = ${text}\n`])),
  )
})

const isRefused = (name: string) => linted.output.includes(`${FOLDER}/${name}:1:`)

describe('the linter', () => {
  it.each(REFUSED.map((comparison, at) => ({ comparison, at })))('C50: refuses $comparison', ({ at }) => {
    expect(isRefused(`refused-${at}.ts`), linted.output).toBe(true)
    expect(linted.output).toContain('equalDigests')
    expect(linted.status).toBe(1)
  })

  it.each(LEFT_ALONE.map((comparison, at) => ({ comparison, at })))('leaves $comparison alone', ({ at }) => {
    expect(isRefused(`left-alone-${at}.ts`), linted.output).toBe(false)
  })

  it('leaves tests alone', () => {
    expect(isRefused('made-up.test.ts')).toBe(false)
  })
})
