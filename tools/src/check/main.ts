import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from './run-command.ts'
import { addTallies, describeTally, NOTHING, type Tally } from './tally.ts'
import { describeFailures, tallyReport } from './vitest-report.ts'

const STATIC_CHECKS = {
  'lint and format': ['node_modules/.bin/biome', 'check', '--error-on-warnings', '--colors=off', '.'],
  types: ['node_modules/.bin/tsc', '-p', '.'],
  'types of the web app': ['node_modules/.bin/tsc', '-p', 'web'],
  'types of the journeys': ['node_modules/.bin/tsc', '-p', 'web/journeys'],
  'module boundaries': [process.execPath, 'tools/src/boundaries/main.ts'],
  'typed client': [process.execPath, 'tools/src/client/main.ts', '--check'],
}

const PACKAGES = [process.execPath, 'tools/src/packages/main.ts', '--check']
const WEB_APP = [process.execPath, 'tools/src/web-app/main.ts', '--check']

const isStaticOnly = process.argv.includes('--static')
const isCounting = process.argv.includes('--coverage')
let total = NOTHING
for (const [name, command] of Object.entries(STATIC_CHECKS)) {
  total = addTallies(total, await runStaticCheck(name, command))
}
if (!isStaticOnly) {
  total = addTallies(total, await runStaticCheck('web app', WEB_APP, { tells: true }))
  total = addTallies(total, await runStaticCheck('packed packages', PACKAGES))
  total = addTallies(total, await runTests())
}
say(`\n${describeTally(total)}`)
process.exitCode = total.failed === 0 ? 0 : 1

/** With `tells` its output is of interest although all is well. */
async function runStaticCheck(name: string, command: string[], { tells = false } = {}): Promise<Tally> {
  const startedMs = performance.now()
  const { exitCode, output } = await runCommand(command, { live: false })
  say(`${exitCode === 0 ? 'ok' : 'FAILED'}  ${name} (${secondsSince(startedMs)} s)`)
  if (exitCode !== 0 || tells) say(output.trimEnd())
  return exitCode === 0 ? { ...NOTHING, passed: 1 } : { ...NOTHING, failed: 1 }
}

async function runTests(): Promise<Tally> {
  const startedMs = performance.now()
  const folder = await mkdtemp(join(tmpdir(), 'outcry-test-report-'))
  const report = join(folder, 'report.json')
  try {
    const { exitCode } = await runCommand(
      [
        'node_modules/.bin/vitest',
        'run',
        ...(isCounting ? ['--coverage'] : []),
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
      ],
      { live: true },
    )
    const json = await readFile(report, 'utf8').catch(() => undefined)
    const tally = tallyReport(json, exitCode)
    say(
      `${tally.failed === 0 ? 'ok' : 'FAILED'}  tests (${secondsSince(startedMs)} s): ${describeTally(tally)}.`,
    )
    for (const line of describeFailures(json, process.cwd())) say(`        ${line}`)
    return tally
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function secondsSince(startedMs: number): string {
  return ((performance.now() - startedMs) / 1000).toFixed(1)
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
