export type State = 'holds' | 'partly' | 'not yet'

/** A test by its file, from the root of the repository, and its title as the file spells it. */
export interface Proof {
  readonly file: string
  readonly title: string
}

/** One control of the ledger. */
export interface Control {
  readonly id: string
  readonly title: string
  readonly state: State
  readonly proofs: readonly Proof[]
  /** What its tests do not prove. */
  readonly missing: string | undefined
  /** What has to come before it can be proven at all. */
  readonly waitsFor: string | undefined
}

const HEADING = /^### ([CR]\d+) (.+) · (holds|partly|not yet)$/
const PROOF = /^- `([^`]+)` › (.+)$/

/** Reads docs/security.md. Throws when a heading of its third level is not a control. */
export function readLedger(markdown: string): Control[] {
  return markdown
    .split(/^(?=### )/m)
    .filter((section) => section.startsWith('### '))
    .map((section) => {
      const lines = section.split('\n')
      const [, id = '', title = '', state] = HEADING.exec(lines[0] ?? '') ?? []
      if (!isState(state)) throw new Error(`This heading is no control: ${lines[0]}`)
      const proofs = lines.flatMap((line) => {
        const [, file, proven] = PROOF.exec(line) ?? []
        return file && proven ? [{ file, title: proven }] : []
      })
      return { id, title, state, proofs, missing: after('Missing: '), waitsFor: after('Waits for: ') }

      function after(word: string): string | undefined {
        return lines.find((line) => line.startsWith(word))?.slice(word.length)
      }
    })
}

function isState(text: string | undefined): text is State {
  return text === 'holds' || text === 'partly' || text === 'not yet'
}

/** The states in the words of the ledger's head. */
export function countsOf(controls: readonly Control[]): string {
  const count = (state: State) => controls.filter((control) => control.state === state).length
  return `Today ${count('holds')} hold, ${count('partly')} hold partly and ${count('not yet')} do not yet.`
}
