import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { spreadText } from './harness/report.ts'
import { spreadOf } from './harness/stats.ts'
import type { Section, Settings, Topic } from './harness/topic.ts'

const LIST = 'server/scenarios/sign-in-behaviours.scenario.test.ts'
const ROOT = `${import.meta.dirname}/../..`
const VITEST = `${ROOT}/node_modules/vitest/vitest.mjs`
const BEHAVIOURS = 21
const ENGINES = 2

/** What Vitest's JSON report says, as far as it matters here. */
interface Report {
  readonly numPassedTests: number
  readonly testResults: readonly { readonly assertionResults: readonly { readonly duration?: number }[] }[]
}

interface Run {
  /** From the start of the command to its end. */
  readonly wholeSeconds: number
  /** Spent in the behaviours themselves. */
  readonly drivenSeconds: number
}

async function runOnce(folder: string): Promise<Run> {
  const reportFile = join(folder, 'report.json')
  const args = [VITEST, 'run', LIST, '--reporter=json', `--outputFile=${reportFile}`]
  const startedMs = performance.now()
  await promisify(execFile)(process.execPath, args, { cwd: ROOT })
  const wholeSeconds = (performance.now() - startedMs) / 1_000
  const report: Report = JSON.parse(await readFile(reportFile, 'utf8'))
  if (report.numPassedTests !== BEHAVIOURS * ENGINES) {
    throw new Error(`${report.numPassedTests} behaviours passed, not ${BEHAVIOURS * ENGINES}.`)
  }
  const durations = report.testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ duration = 0 }) => duration),
  )
  return { wholeSeconds, drivenSeconds: durations.reduce((sum, each) => sum + each, 0) / 1_000 }
}

async function measure({ rounds }: Settings): Promise<Run[]> {
  const folder = await mkdtemp(join(tmpdir(), 'outcry-bench-'))
  try {
    await runOnce(folder)
    const runs: Run[] = []
    for (let round = 0; round < rounds; round++) runs.push(await runOnce(folder))
    return runs
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** How long it takes to try everything that clients lean on when they sign people in. */
export const topic: Topic = {
  title: 'The behaviours of sign-in',
  sampling: (settings) => ({ ...settings, rounds: Math.min(settings.rounds, 7) }),
  sampled: ({ rounds }) =>
    `Medians of ${rounds} runs, after one that was not counted; in brackets the range of the middle half of the runs.`,
  async run(settings): Promise<Section[]> {
    const runs = await measure(settings)
    const seconds = (of: (run: Run) => number) => spreadText(spreadOf(runs.map(of)), 2)
    return [
      {
        title: `${BEHAVIOURS} behaviours over HTTP, on SQLite and on PostgreSQL`,
        notes: [
          `The list is ${LIST}: registering, verifying, signing in by form, JSON and second factor, refreshing, signing out, and each refusal. Every behaviour passed in every run.`,
          'The whole command starts a PostgreSQL and the application on each engine, and takes both away again. Seconds.',
        ],
        header: ['', 'at most', 'measured'],
        rows: [
          ['the whole command', '10', seconds(({ wholeSeconds }) => wholeSeconds)],
          ['the behaviours alone', '', seconds(({ drivenSeconds }) => drivenSeconds)],
        ],
      },
    ]
  },
}
