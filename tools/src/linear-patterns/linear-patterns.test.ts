import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
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
  'server/src/platform/mail/mail-content.ts': 'the address was taken by user-names.ts before',
}

/** Every `pattern` of the schemas that can be reached from a value. */
function collectPatterns(value: unknown, into: Set<string>, seen: Set<object>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return
  seen.add(value)
  for (const [name, of] of Object.entries(value)) {
    if (name === 'pattern' && typeof of === 'string') into.add(of)
    collectPatterns(of, into, seen)
  }
}

describe('R15: a pattern of the product', () => {
  const sources = ['server/src', 'contract/src', 'web/src'].flatMap((folder) => sourcesBelow(ROOT, folder))

  it('takes no more time than its text is long', () => {
    const patterns = sources.map(patternsIn)
    const read = patterns.flatMap((each) => each.read)
    expect(read.length).toBeGreaterThan(150)
    expect(read.flatMap(faultsOf)).toEqual([])
    expect(patterns.flatMap(({ unread }) => unread)).toEqual([])
  })

  it('is read as the contract has it once it is loaded', async () => {
    const contract = sources.filter(({ file }) => file.startsWith('contract/'))
    const read = new Set(contract.flatMap((source) => patternsIn(source).read).map(({ source }) => source))
    const loaded = new Set<string>()
    for (const { file } of contract) {
      const exported: object = await import(pathToFileURL(join(ROOT, file)).href)
      collectPatterns(exported, loaded, new Set())
    }
    expect([...loaded].filter((pattern) => !read.has(pattern))).toEqual([])
    expect([...loaded].filter((pattern) => pattern.includes('Default_Ignorable_Code_Point'))).not.toEqual([])
    expect([...loaded].filter((pattern) => pattern.startsWith('^(?=/)(?:/[A-Za-z0-9'))).toHaveLength(1)
  })

  it('is written out, but in a few places', () => {
    const found = sources.filter(({ text }) => /\bRegExp\(/.test(text)).map(({ file }) => file)
    expect(found.toSorted()).toEqual(Object.keys(PUT_TOGETHER))
  })
})

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: they are sources of templates
describe('a pattern', () => {
  const TRADE = 'a.ts: /^a*a*$/ is Trade in a'
  const faultsIn = (text: string) => patternsIn({ file: 'a.ts', text }).read.flatMap(faultsOf)

  it.each([
    ['that is exponential', 'const a = /^(?:a+)+$/', 'a.ts: /^(?:a+)+$/ is exponential in a'],
    ['that can split a run in two', 'const a = /^a*a*$/', 'a.ts: /^a*a*$/ is Trade in a'],
    ['that starts anew at each letter of a run', "text.replace(/ +$/g, '')", 'a.ts: / +$/ is Move in  '],
    ['of a schema', "Type.String({ pattern: '^a*a*$' })", TRADE],
    ['of a schema, with its name in quotes', "Type.String({ 'pattern': '^a*a*$' })", TRADE],
    ['of a schema, with its name in brackets', "Type.String({ ['pattern']: '^a*a*$' })", TRADE],
    ['of a schema, set afterwards', "schema.pattern = '^a*a*$'", TRADE],
    ['that is a constant', "const p = '^a*a*$'; Type.String({ pattern: p })", TRADE],
    ['that is a constant of that name', "const pattern = '^a*a*$'; Type.String({ pattern })", TRADE],
    ['that is a template', "const p = 'a*'; Type.String({ pattern: `^${p}${p}$` })", TRADE],
    ['that is a sum', "Type.String({ pattern: '^a*' + ('a*' + '$') })", TRADE],
    ['that is one of two', "Type.String({ pattern: isWide ? '^a*a*$' : '^a$' })", TRADE],
    ['that is the other of two', "Type.String({ pattern: isWide ? '^a$' : '^a*a*$' })", TRADE],
    ['that a text is searched for', "text.match('^a*a*$')", TRADE],
  ])('%s is told', (_what, text, fault) => {
    expect(faultsIn(text)).toContain(fault)
  })

  it.each([
    ['is a parameter', 'const of = (p: string) => Type.String({ pattern: p })', 'p'],
    ['is a parameter of that name', 'const of = (pattern: string) => Type.String({ pattern })', 'pattern'],
    ['is of another file', "import { p } from './b.ts'; Type.String({ pattern: `^${p}$` })", '`^${p}$`'],
    ['has two meanings', "const p = 'a'; const of = (p: string) => Type.String({ pattern: p })", 'p'],
    ['changes', "let p = 'a'; Type.String({ pattern: p })", 'p'],
    ['is of itself', "const p = p + 'a'; Type.String({ pattern: p })", 'p'],
    ['is made by a call', 'Type.String({ pattern: wordsOf(list) })', 'wordsOf(list)'],
    ['may be a call', "Type.String({ pattern: '^a' + wordsOf(list) })", "'^a' + wordsOf(list)"],
  ])('of a schema that %s is told as unread', (_what, text, unread) => {
    expect(patternsIn({ file: 'a.ts', text })).toEqual({ read: [], unread: [`a.ts: ${unread}`] })
  })

  it('that is linear is not, nor is a text that looks like one', () => {
    expect(faultsIn("const a = /^[a-z]+ \\d+$/u; const b = '/^(?:a+)+$/' // /^(?:a+)+$/")).toEqual([])
  })
})
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: they are sources of templates
