import { type Config, ConfigError, loadConfig } from '../../config/config.ts'
import { databaseLocation } from '../../database-location.ts'
import { systemClock } from '../../platform/clock.ts'
import { type Db, openDatabase } from '../../platform/db/index.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { auditFinding } from '../doctor/audit-finding.ts'
import { clockFinding } from '../doctor/clock-finding.ts'
import {
  databaseFinding,
  migrationFinding,
  roleFindings,
  schemaFindings,
} from '../doctor/database-findings.ts'
import { type Finding, fail, ok, warn } from '../doctor/finding.ts'
import { keyFindings } from '../doctor/key-findings.ts'
import { diskFinding, ffmpegFinding, mailFinding } from '../doctor/machine-findings.ts'
import { failureSentences } from '../failure-sentence.ts'

type Check = () => Promise<Finding | readonly Finding[]>

/** A check that breaks is a finding, too; only what nobody expected goes on. */
async function run(name: string, check: Check): Promise<readonly Finding[]> {
  try {
    return [await check()].flat()
  } catch (error) {
    const sentences = failureSentences(error)
    if (!sentences) throw error
    return sentences.map((sentence) => fail(name, sentence))
  }
}

function settingsOf({ env, cwd }: CommandContext): { config?: Config; findings: readonly Finding[] } {
  try {
    const config = loadConfig(env, cwd)
    const warnings = config.warnings.map((warning) => warn('settings', warning))
    const set = Object.keys(env).length
    const summary =
      set === 0 ? 'All settings have their defaults.' : `${set} settings are set and can be used.`
    return { config, findings: [ok('settings', summary), ...warnings] }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { findings: error.problems.map((problem) => fail('settings', problem)) }
  }
}

async function* databaseFindings(config: Config): AsyncGenerator<readonly Finding[], Db | undefined> {
  const location = databaseLocation(config)
  const found = await run('database', () => databaseFinding(location))
  yield found
  if (found.some(({ status }) => status !== 'ok')) return undefined
  yield await run('role', () => roleFindings(location))
  const history = await run('migrations', () => migrationFinding(location))
  yield history
  if (history.some(({ status }) => status !== 'ok')) return undefined
  yield await run('schema', () => schemaFindings(location))
  return openDatabase(location)
}

async function* allFindings(context: CommandContext): AsyncGenerator<readonly Finding[]> {
  const { config, findings } = settingsOf(context)
  yield findings
  if (!config) return
  const db = yield* databaseFindings(config)
  try {
    yield await run('keys', () => keyFindings(config, db))
    yield await run('clock', () => clockFinding(db, systemClock))
    if (db) yield await run('audit', () => auditFinding(db))
  } finally {
    await db?.close()
  }
  yield await run('disk', () => diskFinding(config))
  yield [await ffmpegFinding()]
  yield await run('mail', () => mailFinding(config))
}

export const command = defineCommand({
  description: [
    'Looks at everything the server needs and says what it found, one line each: ok, warn or fail. Changes nothing.',
    'Ends with 1 when anything fails.',
  ],
  options: {},
  async run(context) {
    let isWell = true
    for await (const findings of allFindings(context)) {
      for (const { status, name, sentence } of findings) {
        context.write(`${status.padEnd(4)}  ${name.padEnd(10)}  ${sentence}`)
        if (status === 'fail') isWell = false
      }
    }
    return isWell ? 0 : 1
  },
})
