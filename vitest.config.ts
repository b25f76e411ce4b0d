import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Tests that kill processes, search their memory or flood them. */
const OF_A_WHOLE_PROCESS = [
  '{contract,server,tools,tools/alpaca-stand-in,bench}/{src,scenarios}/**/*.{kill,heap,fuzz}.test.ts',
]

const WORKERS = 3 // two cores; with four, servers that are killed and started took too long to be ready

/** Where bin/outcry keeps what Node made of the sources: programs that tests start without it load in half the time too. */
const COMPILE_CACHE = fileURLToPath(new URL('node_modules/.cache/outcry', import.meta.url))

/** Each takes longer than a worker's share at the end of its group, where it would be left alone. */
const LONG = /\/(server-killed|keys-rotated|hostile-requests|vault-supervisor|every-page)\.[\w.]+$/

/** In a fresh checkout nothing is known of a file but its size, by which the longest come late. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const groupOf = ({ project }: TestSpecification) => project.config.sequence.groupOrder
    const rankOf = ({ moduleId }: TestSpecification) => (LONG.test(moduleId) ? 0 : 1)
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => groupOf(a) - groupOf(b) || rankOf(a) - rankOf(b))
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    env: { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? COMPILE_CACHE },
    globalSetup: ['server/src/testing/test-databases.ts'],
    pool: 'forks', // threads measured a tenth faster, but tests of memory and crashes need a process
    testTimeout: 60_000, // two cores that also run PostgreSQL: slow is not broken
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } }, // what is waited for comes when it comes
    restoreMocks: true,
    projects: [
      {
        test: {
          name: 'sources',
          include: [
            '{contract,server,tools,tools/alpaca-stand-in,bench}/{src,scenarios}/**/*.test.ts',
            'web/src/**/*.test.{ts,tsx}',
          ],
          exclude: OF_A_WHOLE_PROCESS,
          isolate: false, // loading the server anew for each file took half of the processor's time
          maxWorkers: WORKERS,
        },
      },
      {
        test: {
          name: 'processes',
          include: OF_A_WHOLE_PROCESS,
          maxWorkers: WORKERS,
        },
      },
      {
        test: {
          name: 'journeys',
          include: ['web/journeys/**/*.test.ts'],
          globalSetup: ['web/journeys/testing/global-setup.ts'],
          isolate: false,
          sequence: { groupOrder: 1 }, // after all others: a browser needs a core to itself
          maxWorkers: 2,
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['server/src/**/*.ts'],
      exclude: ['server/src/**/*.test.ts', 'server/src/**/testing/**'],
      reporter: ['text-summary', 'json-summary'],
      reportOnFailure: true,
      thresholds: { lines: 90 },
      reportsDirectory: 'coverage',
    },
  },
})
