import { fileURLToPath } from 'node:url'
import { analyse } from 'scslre'
import { describe, expect, it } from 'vitest'
import { type Pattern, patternsIn, sourcesBelow } from './find-patterns.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** How a pattern takes more time than the length of its text, if it does: one line for each way. */
const faultsOf = ({ file, source, flags }: Pattern): string[] =>
  analyse({ source, flags }).reports.map(
    ({ type, exponential, character }) =>
      `${file}: /${source}/ is ${exponential ? 'exponential' : type} in ${character.literal.source}`,
  )

/** Where patterns are put together while the program runs, which are not read here, and why that is no harm. */
const PUT_TOGETHER: Readonly<Record<string, string>> = {
  'server/src/modules/accounts/registration/user-names.ts': 'addresses have 254 characters at most',
  'server/src/platform/log/redaction.ts': 'literals of the settings are given other flags',
  'server/src/platform/mail/mail-content.ts': 'the address was taken by user-names.ts before',
}

describe('R15: a pattern of the product', () => {
  const sources = ['server/src', 'contract/src', 'web/src'].flatMap((folder) => sourcesBelow(ROOT, folder))

  it('takes no more time than its text is long', () => {
    const patterns = sources.flatMap(patternsIn)
    expect(patterns.length).toBeGreaterThan(150)
    expect(patterns.flatMap(faultsOf)).toEqual([])
  })

  it('is written out, but in a few places', () => {
    const found = sources.filter(({ text }) => /\bRegExp\(/.test(text)).map(({ file }) => file)
    expect(found.toSorted()).toEqual(Object.keys(PUT_TOGETHER))
  })
})

describe('a pattern', () => {
  const faultsIn = (text: string) => patternsIn({ file: 'a.ts', text }).flatMap(faultsOf)

  it.each([
    ['that is exponential', 'const a = /^(?:a+)+$/', 'a.ts: /^(?:a+)+$/ is exponential in a'],
    ['that can split a run in two', 'const a = /^a*a*$/', 'a.ts: /^a*a*$/ is Trade in a'],
    ['that starts anew at each letter of a run', "text.replace(/ +$/g, '')", 'a.ts: / +$/ is Move in  '],
    ['of a schema', "Type.String({ pattern: '^a*a*$' })", 'a.ts: /^a*a*$/ is Trade in a'],
  ])('%s is told', (_what, text, fault) => {
    expect(faultsIn(text)).toContain(fault)
  })

  it('that is linear is not, nor is a text that looks like one', () => {
    expect(faultsIn("const a = /^[a-z]+ \\d+$/u; const b = '/^(?:a+)+$/' // /^(?:a+)+$/")).toEqual([])
  })
})
