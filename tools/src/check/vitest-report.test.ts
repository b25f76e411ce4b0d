import { expect, it } from 'vitest'
import { describeTally } from './tally.ts'
import { describeFailures, tallyReport } from './vitest-report.ts'

function report(...files: { status: string; tests: string[] }[]): string {
  const testResults = files.map(({ status, tests }) => ({
    name: '/project/server/some.test.ts',
    status,
    message: tests.length === 0 ? 'It did not load.\nat line 1' : '',
    assertionResults: tests.map((test, index) => ({
      status: test,
      fullName: `test ${index}`,
      failureMessages: test === 'failed' ? ['expected 1\nat line 2', 'and more'] : [],
    })),
  }))
  return JSON.stringify({ testResults })
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

it('names what failed, with the reasons in short', () => {
  const json = report({ status: 'failed', tests: ['passed', 'failed'] }, { status: 'failed', tests: [] })
  expect(describeFailures(json, '/project')).toEqual([
    'server/some.test.ts > test 1: expected 1 | and more',
    'server/some.test.ts: It did not load.',
  ])
  expect(describeFailures(report({ status: 'passed', tests: ['passed'] }), '/project')).toEqual([])
  expect(describeFailures(undefined, '/project')).toEqual([])
})

it('names skipped tests only when there are some', () => {
  expect(describeTally({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed')
  expect(describeTally({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped')
})
