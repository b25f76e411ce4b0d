import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{contract,server,tools,tools/alpaca-stand-in,bench}/{src,scenarios}/**/*.test.ts'],
    globalSetup: ['server/src/testing/test-databases.ts'],
    maxWorkers: 3, // tests that kill and restart servers mostly wait for them
    pool: 'forks', // threads measured a tenth faster, but tests of memory and crashes need a process
    testTimeout: 60_000, // two cores that also run PostgreSQL: slow is not broken
    hookTimeout: 60_000,
    restoreMocks: true,
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
