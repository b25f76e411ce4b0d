import { expect, it } from 'vitest'
import { describeTally } from './tally.ts'
import { tallyReport } from './vitest-report.ts'

function report(...files: { status: string; tests: string[] }[]): string {
  const testResults = files.map(({ status, tests }) => ({
    status,
    assertionResults: tests.map((test) => ({ status: test })),
  }))
  return JSON.stringify({ success: true, testResults })
}

it('counts what passed, failed and was skipped', () => {
  const json = report({ status: 'failed', tests: ['passed', 'failed', 'skipped', 'todo'] })
  expect(tallyReport(json, 1)).toEqual({ passed: 1, failed: 1, skipped: 2 })
})

it('counts a file that did not load as a failure', () => {
  const json = report({ status: 'failed', tests: [] }, { status: 'passed', tests: ['passed'] })
  expect(tallyReport(json, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 })
})

it('fails when the run ended badly although every test passed', () => {
  const json = report({ status: 'passed', tests: ['passed'] })
  expect(tallyReport(json, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 })
})

it('fails when no test ran or no report was written', () => {
  expect(tallyReport(report(), 0).failed).toBe(1)
  expect(tallyReport(undefined, 1).failed).toBe(1)
})

it('names skipped tests only when there are some', () => {
  expect(describeTally({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed')
  expect(describeTally({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped')
})
