import {
  type DatabaseLocation,
  type Db,
  type Dialect,
  openDatabase,
} from '../../server/src/platform/db/index.ts'
import { ratioText } from './harness/report.ts'
import { median, ratios } from './harness/stats.ts'
import { type TemporaryDatabases, temporaryDatabases } from './harness/temporary-databases.ts'
import type { Section, Settings, Topic } from './harness/topic.ts'
import { insertMember, LOOKUPS, type Lookup, memberOf, members } from './members/member.table.ts'
import { scramble } from './posts/post-factory.ts'
import { compareServers } from './size/asked-of-a-server.ts'

const SMALL = 10_000
const LARGE = 1_000_000
const DEMANDED = 1.2
const SEED_BATCH = 10_000
const IN_FLIGHT: Readonly<Record<Dialect, number>> = { sqlite: 1, postgres: 16 }

const EVENLY = 'Members are looked up evenly over the whole table by the layer alone.'
const WHY_SQLITE =
  'Nothing is scanned: a hundred times the rows add a level to each B-tree and 3 to 8 µs, because the large file fits neither the page cache of 16 MiB nor the processor’s. Larger pages made it worse; with the whole file mapped into memory the ratio was still 1.35, at 480 MB resident and with crashes in place of errors when a disk fails, so we do not map.'

async function seeded(databases: TemporaryDatabases, count: number): Promise<DatabaseLocation> {
  const location = await databases.create([members])
  const db = openDatabase(location)
  for (let from = 0; from < count; from += SEED_BATCH) {
    await db.withSystem(async (tx) => {
      const pending: Promise<void>[] = []
      for (let n = from; n < from + SEED_BATCH; n++) pending.push(insertMember(tx, memberOf(n)))
      await Promise.all(pending)
    })
  }
  await db.close()
  await databases.settle(location)
  return location
}

interface Subject {
  readonly db: Db
  readonly count: number
  step: number
}

/** Microseconds per lookup of members spread evenly over the whole table. */
async function cost(subject: Subject, look: Lookup, how: { ms: number; inFlight: number }): Promise<number> {
  const from = performance.now()
  let count = 0
  const lane = async () => {
    while (performance.now() - from < how.ms) {
      await look(subject.db, scramble(subject.step++) % subject.count)
      count++
    }
  }
  await Promise.all(Array.from({ length: how.inFlight }, lane))
  return ((performance.now() - from) * 1_000) / count
}

async function measure(small: Subject, large: Subject, how: { settings: Settings; inFlight: number }) {
  const rows: string[][] = []
  for (const [title, look] of Object.entries(LOOKUPS)) {
    const costs = { small: [] as number[], large: [] as number[] }
    const once = (subject: Subject, ms: number) => cost(subject, look, { ms, inFlight: how.inFlight })
    for (const subject of [small, large]) await once(subject, how.settings.sampleMs * 5)
    for (let round = 0; round < how.settings.rounds; round++) {
      costs.small.push(await once(small, how.settings.sampleMs))
      costs.large.push(await once(large, how.settings.sampleMs))
    }
    const us = (values: readonly number[]) => `${median(values).toFixed(1)} µs`
    const ratio = ratioText(ratios(costs.large, costs.small))
    rows.push([title, us(costs.small), us(costs.large), ratio, `at most ${DEMANDED}`])
  }
  return rows
}

interface How {
  readonly dialect: Dialect
  readonly largeCount: number
  readonly settings: Settings
}

async function layerOn(databases: TemporaryDatabases, how: How): Promise<Section> {
  const { dialect, largeCount, settings } = how
  const opened: Db[] = []
  try {
    const subject = async (count: number): Promise<Subject> => {
      const db = openDatabase(await seeded(databases, count))
      opened.push(db)
      return { db, count, step: 0 }
    }
    const [small, large] = [await subject(SMALL), await subject(largeCount)]
    return {
      title: dialect === 'sqlite' ? 'SQLite' : 'PostgreSQL',
      notes: [`${IN_FLIGHT[dialect]} at a time. ${EVENLY}`, ...(dialect === 'sqlite' ? [WHY_SQLITE] : [])],
      header: ['', `${SMALL} rows`, `${largeCount} rows`, 'cost of many : few', 'demanded'],
      rows: await measure(small, large, { settings, inFlight: IN_FLIGHT[dialect] }),
    }
  } finally {
    for (const db of opened) await db.close()
  }
}

async function runOn(dialect: Dialect, settings: Settings) {
  await using cleanup = new AsyncDisposableStack()
  const databases = await temporaryDatabases(dialect)
  cleanup.defer(databases.dispose)
  const largeCount = settings.isQuick ? LARGE / 10 : LARGE
  const layer = await layerOn(databases, { dialect, largeCount, settings })
  const rows = await compareServers(databases, { few: SMALL, many: largeCount }, settings)
  return { layer, largeCount, rows: rows.map((row) => [dialect, ...row, `at most ${DEMANDED}`]) }
}

/** Whether reads cost the same however many members there are. */
export const topic: Topic = {
  title: 'A big table beside a small one',
  async run(settings) {
    const found = [await runOn('sqlite', settings), await runOn('postgres', settings)]
    return [
      ...found.map(({ layer }) => layer),
      {
        title: 'Asked of a server',
        notes: [
          'bin/outcry serve, asked over four keep-alive connections for members and pages all over the table, which is what somebody waits for. Rate limits are off.',
          'The cost of a request is the time of a run divided by how many it answered; that of signing in is mostly the hash.',
        ],
        header: [
          'engine',
          'request',
          `${SMALL} members`,
          `${found[0]?.largeCount} members`,
          'cost of many : few',
          'demanded',
        ],
        rows: found.flatMap(({ rows }) => rows),
      },
    ]
  },
}
