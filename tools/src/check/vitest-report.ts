import type { Tally } from './tally.ts'

type Report = {
  success: boolean
  testResults: { status: string; assertionResults: { status: string }[] }[]
}

/**
 * Counts a report of vitest's JSON reporter. A test file that could not be loaded counts as one failure, and so
 * does a run that ended badly although every test passed (an unhandled rejection, a missed coverage threshold).
 */
export function tallyReport(json: string | undefined, exitCode: number): Tally {
  const report: Report = json ? JSON.parse(json) : { success: false, testResults: [] }
  const outcomes = report.testResults.flatMap(({ status, assertionResults }) =>
    status === 'failed' && assertionResults.every((test) => test.status !== 'failed')
      ? [...assertionResults, { status }]
      : assertionResults,
  )
  const count = (status: string) => outcomes.filter((test) => test.status === status).length
  const passed = count('passed')
  const failed = count('failed')
  const isUnexplained = failed === 0 && (exitCode !== 0 || passed === 0)
  return { passed, failed: isUnexplained ? 1 : failed, skipped: outcomes.length - passed - failed }
}
