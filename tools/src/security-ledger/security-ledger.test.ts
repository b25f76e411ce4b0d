import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { expectedIds, ledgerFaults } from './find-faults.ts'
import { countsOf, readLedger } from './read-ledger.ts'

const ROOT = new URL('../../../', import.meta.url)

function textOf(path: string): string | undefined {
  try {
    return readFileSync(new URL(path, ROOT), 'utf8')
  } catch {
    return undefined
  }
}

describe('docs/security.md', () => {
  const markdown = textOf('docs/security.md') ?? ''
  const controls = readLedger(markdown)

  it('has every control once, in order, with tests that exist', () => {
    expect(ledgerFaults(controls, textOf)).toEqual([])
    expect(controls.map(({ id }) => id)).toEqual(expectedIds)
  })

  it('counts its states rightly', () => {
    expect(/Today .*? do not yet\./.exec(markdown.replace(/\s+/g, ' '))?.[0]).toBe(countsOf(controls))
  })
})

describe('a ledger', () => {
  const whole = expectedIds.map((id) => `### ${id} Title · not yet\n\nWords.\n\nWaits for: the rest.\n`)
  const tests: Record<string, string> = {
    'a.test.ts': `it('holds it', () => {})\nit.each([1])(\n  "isn't %s",\n  () => {},\n)\nconst text = 'is a text'`,
    'skipped.test.ts': `it.skip('holds it', () => {})`,
  }
  const faultsWith = (...sections: string[]) => {
    const ids = sections.map((section) => section.slice(4, section.indexOf(' ', 4)))
    const others = whole.filter((section) => !ids.some((id) => section.startsWith(`### ${id} `)))
    return ledgerFaults(readLedger([...others, ...sections].join('\n')), (file) => tests[file])
  }

  it('is without faults when every control names its tests or what it waits for', () => {
    expect(faultsWith()).toEqual([])
    expect(faultsWith("### C1 Title · holds\n- `a.test.ts` › holds it\n- `a.test.ts` › isn't %s")).toEqual([])
    expect(faultsWith('### C1 Title · partly\nMissing: more.\n- `a.test.ts` › holds it')).toEqual([])
  })

  it.each([
    ['### C1 Title · holds', 'C1 holds without a test.'],
    ['### C1 Title · holds\nMissing: more.\n- `a.test.ts` › holds it', 'C1 holds and says what is missing.'],
    ['### C1 Title · partly\n- `a.test.ts` › holds it', 'C1 holds partly without saying what is missing.'],
    ['### C1 Title · not yet', 'C1 does not say what it waits for.'],
    [
      '### C1 Title · not yet\nWaits for: x.\n- `a.test.ts` › holds it',
      'C1 does not hold yet, but names tests.',
    ],
    ['### C1 Title · holds\n- `b.test.ts` › holds it', 'C1: b.test.ts is not there.'],
    ['### C1 Title · holds\n- `a.ts` › holds it', 'C1: a.ts is no test.'],
    ['### C1 Title · holds\n- `a.test.ts` › holds', 'C1: a.test.ts has no test "holds".'],
    ['### C1 Title · holds\n- `a.test.ts` › is a text', 'C1: a.test.ts has no test "is a text".'],
    ['### C1 Title · holds\n- `skipped.test.ts` › holds it', 'C1: skipped.test.ts has no test "holds it".'],
    ['### C83 Title · not yet\nWaits for: x.', 'There is no control C83.'],
  ])('with %j is told: %s', (section, fault) => {
    expect(faultsWith(section)).toContain(fault)
  })

  it('is told of a control that is missing, twice, or in no state', () => {
    expect(ledgerFaults(readLedger(whole.slice(1).join('\n')), () => '')).toEqual(['C1 is missing.'])
    expect(ledgerFaults(readLedger([...whole, whole[0]].join('\n')), () => '')).toEqual([
      'C1 is there twice.',
    ])
    expect(() => readLedger('### C1 Title · mostly')).toThrow('no control')
  })
})
