import { relative } from 'node:path'
import type { Tally } from './tally.ts'

type Report = {
  testResults: {
    name: string
    status: string
    message: string
    assertionResults: { status: string; fullName: string; failureMessages: string[] | null }[]
  }[]
}

/**
 * Counts a report of vitest's JSON reporter. A test file that could not be loaded counts as one failure, and so
 * does a run that ended badly although every test passed (an unhandled rejection, a missed coverage threshold).
 */
export function tallyReport(json: string | undefined, exitCode: number): Tally {
  const outcomes = readReport(json).flatMap((file) => [
    ...file.assertionResults,
    ...(isBroken(file) ? [{ status: 'failed' }] : []),
  ])
  const count = (status: string) => outcomes.filter((test) => test.status === status).length
  const passed = count('passed')
  const failed = count('failed')
  const isUnexplained = failed === 0 && (exitCode !== 0 || passed === 0)
  return { passed, failed: isUnexplained ? 1 : failed, skipped: outcomes.length - passed - failed }
}

/** Names each test of a report that failed, a line each, with the first line of every reason; files relative to `root`. */
export function describeFailures(json: string | undefined, root: string): string[] {
  return readReport(json).flatMap((file) => {
    const path = relative(root, file.name)
    const failed = file.assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => `${path} > ${fullName}: ${inShort(failureMessages ?? [])}`)
    return isBroken(file) ? [...failed, `${path}: ${inShort([file.message])}`] : failed
  })
}

function readReport(json: string | undefined): Report['testResults'] {
  const report: Report = json ? JSON.parse(json) : { testResults: [] }
  return report.testResults
}

/** Whether a file failed beside its tests, as one that could not be loaded. */
function isBroken({ status, assertionResults }: Report['testResults'][number]): boolean {
  return status === 'failed' && assertionResults.every((test) => test.status !== 'failed')
}

const firstLineOf = (message: string) => message.split('\n', 1)[0] ?? ''

function inShort(messages: readonly string[]): string {
  return messages.map(firstLineOf).join(' | ')
}
