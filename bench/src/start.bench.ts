import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { loadConfig } from '../../server/src/config/config.ts'
import { systemClock } from '../../server/src/platform/clock.ts'
import { prepareInstance } from '../../server/src/prepare-instance.ts'
import { median, spreadOf } from './harness/stats.ts'
import type { Section, Settings, Topic } from './harness/topic.ts'
import { seedMembers } from './http/members.ts'

const MEMBERS = 100_000
const PORT = 4_817
const POLL_MS = 5
const IDLE_MS = 5_000
const LAUNCHER = new URL('../../bin/outcry', import.meta.url).pathname

interface Start {
  readonly readySeconds: number
  readonly idleMegabytes: number
}

async function isReady(): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${PORT}/health/ready`).catch(() => undefined)
  return answer?.status === 200
}

async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024
}

async function startOnce(env: NodeJS.ProcessEnv): Promise<Start> {
  const startedMs = performance.now()
  const child = spawn(LAUNCHER, ['serve'], { env, stdio: 'ignore' })
  try {
    while (!(await isReady())) await wait(POLL_MS)
    const readySeconds = (performance.now() - startedMs) / 1_000
    await wait(IDLE_MS)
    return { readySeconds, idleMegabytes: await residentMegabytes(child.pid ?? 0) }
  } finally {
    child.kill()
    await once(child, 'exit')
  }
}

async function measure(settings: Settings): Promise<Start[]> {
  const folder = await mkdtemp(join(tmpdir(), 'outcry-bench-start-'))
  const settingsOfServer = { OUTCRY_DATA_DIR: folder, OUTCRY_PORT: String(PORT), OUTCRY_LOG_LEVEL: 'warn' }
  try {
    const { db, keys } = await prepareInstance(loadConfig(settingsOfServer), systemClock)
    await seedMembers(db, MEMBERS, keys.refreshToken.current.id)
    await db.close()
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...settingsOfServer }
    await startOnce(env)
    const starts: Start[] = []
    for (let round = 0; round < settings.rounds; round++) starts.push(await startOnce(env))
    return starts
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const figure = (values: readonly number[], digits: number) => {
  const { low, high } = spreadOf(values)
  return `${median(values).toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`
}

/** How long the operator waits after a restart, and what an idle server holds. */
export const topic: Topic = {
  title: 'Start and idle memory',
  async run(settings): Promise<Section[]> {
    const starts = await measure(settings)
    return [
      {
        title: 'An already migrated SQLite database with 100,000 members',
        notes: [
          'From `bin/outcry serve` to the first 200 of `/health/ready`; the first start, which fills the compile cache, is not counted.',
          'Memory is the resident set five seconds later, web and worker in one process.',
        ],
        header: ['', 'at most', 'measured'],
        rows: [
          [
            'ready, seconds',
            '1.0',
            figure(
              starts.map(({ readySeconds }) => readySeconds),
              2,
            ),
          ],
          [
            'idle memory, MiB',
            '120',
            figure(
              starts.map(({ idleMegabytes }) => idleMegabytes),
              0,
            ),
          ],
        ],
      },
    ]
  },
}
