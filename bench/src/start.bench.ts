import { setTimeout as wait } from 'node:timers/promises'
import { residentMegabytes } from '../../server/src/testing/resident-memory.ts'
import { spreadText } from './harness/report.ts'
import { spreadOf } from './harness/stats.ts'
import { temporaryDatabases } from './harness/temporary-databases.ts'
import type { Section, Settings, Topic } from './harness/topic.ts'
import { createInstance, type OutcryInstance } from './http/outcry-server.ts'
import { seedMembers } from './http/seed-members.ts'

const MEMBERS = 100_000
const IDLE_MS = 5_000

interface Start {
  readonly readySeconds: number
  readonly idleMegabytes: number
}

async function startOnce(instance: OutcryInstance): Promise<Start> {
  const server = await instance.start()
  try {
    await wait(IDLE_MS)
    return { readySeconds: server.readyMs / 1_000, idleMegabytes: await residentMegabytes(server.pid) }
  } finally {
    await server.stop()
  }
}

async function measure(settings: Settings): Promise<Start[]> {
  await using cleanup = new AsyncDisposableStack()
  const databases = await temporaryDatabases('sqlite')
  cleanup.defer(databases.dispose)
  const instance = await createInstance(
    await databases.empty(),
    (prepared, config) => seedMembers(prepared, config, { count: MEMBERS }),
    { OUTCRY_LOG_LEVEL: 'warn' },
  )
  cleanup.defer(instance.dispose)
  await startOnce(instance)
  const starts: Start[] = []
  for (let round = 0; round < settings.rounds; round++) starts.push(await startOnce(instance))
  return starts
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
          ['ready, seconds', '1.0', spreadText(spreadOf(starts.map(({ readySeconds }) => readySeconds)), 2)],
          [
            'idle memory, MiB',
            '120',
            spreadText(spreadOf(starts.map(({ idleMegabytes }) => idleMegabytes)), 0),
          ],
        ],
      },
    ]
  },
}
