import type { Control, Proof } from './read-ledger.ts'

const CONTROLS = 82
const DEMANDS = 25

/** The controls there are to be, in order. */
export const expectedIds: readonly string[] = [
  ...Array.from({ length: CONTROLS }, (_, at) => `C${at + 1}`),
  ...Array.from({ length: DEMANDS }, (_, at) => `R${at + 1}`),
]

/** What is wrong with a ledger, one sentence each. `readTest` gives the text of a file, or nothing when it is not there. */
export function ledgerFaults(
  controls: readonly Control[],
  readTest: (file: string) => string | undefined,
): string[] {
  return [
    ...numberFaults(controls.map(({ id }) => id)),
    ...controls.flatMap((control) => controlFaults(control, readTest)),
  ]
}

function numberFaults(ids: readonly string[]): string[] {
  const times = Map.groupBy(ids, (id) => id)
  return [
    ...expectedIds.filter((id) => !times.has(id)).map((id) => `${id} is missing.`),
    ...[...times].filter(([, found]) => found.length > 1).map(([id]) => `${id} is there twice.`),
    ...[...times.keys()].filter((id) => !expectedIds.includes(id)).map((id) => `There is no control ${id}.`),
  ]
}

function controlFaults(control: Control, readTest: (file: string) => string | undefined): string[] {
  const { id, state, proofs, missing, waitsFor } = control
  const faults: [boolean, string][] = [
    [state === 'holds' && proofs.length === 0, 'holds without a test'],
    [state === 'holds' && (missing ?? waitsFor) !== undefined, 'holds and says what is missing'],
    [state === 'partly' && proofs.length === 0, 'holds partly without a test'],
    [state === 'partly' && missing === undefined, 'holds partly without saying what is missing'],
    [state === 'not yet' && proofs.length > 0, 'does not hold yet, but names tests'],
    [state === 'not yet' && waitsFor === undefined, 'does not say what it waits for'],
  ]
  return [
    ...faults.filter(([isFault]) => isFault).map(([, fault]) => `${id} ${fault}.`),
    ...proofs.flatMap((proof) => proofFaults(id, proof, readTest(proof.file))),
  ]
}

function proofFaults(id: string, { file, title }: Proof, text: string | undefined): string[] {
  if (!file.endsWith('.test.ts')) return [`${id}: ${file} is no test.`]
  if (text === undefined) return [`${id}: ${file} is not there.`]
  return hasTest(text, title) ? [] : [`${id}: ${file} has no test "${title}".`]
}

/** Whether a title is the first argument of a call, and of one that is not skipped. */
function hasTest(text: string, title: string): boolean {
  const quoted = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const spelled = quoted.replaceAll("'", "\\\\?'")
  const call = new RegExp(`(\\bit\\b[^\\n]*|\\bonPostgres|\\]\\))\\(\\s*(['"\`])${spelled}\\2`)
  return call.test(text) && !/\b(?:it|describe)\.(?:skip|todo|only)\b/.test(text)
}
