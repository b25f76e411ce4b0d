import { expect, it } from 'vitest'
import { forEachDatabase } from '../testing/for-each-database.ts'
import { createStatements, type Dialect, databaseDrift } from './db/index.ts'
import { platformMigrations, platformTables } from './platform-schema.ts'

forEachDatabase('the platform schema', { tables: platformTables, migrations: platformMigrations }, (on) => {
  it('is what the tables declare after all its migrations', async () => {
    expect(await databaseDrift(on.location, platformTables)).toEqual([])
  })
})

it.each<Dialect>(['sqlite', 'postgres'])('creates the tables in the declared words on %s', (dialect) => {
  const written = platformMigrations.flatMap(({ steps }) =>
    steps.flatMap((step) => ('update' in step ? [] : step[dialect])),
  )
  const declared = platformTables.flatMap((table) => createStatements(dialect, table))
  const dropped = written.filter((sql) => sql.startsWith('drop index ')).map((sql) => sql.slice(5))
  const isLeft = (sql: string) => !dropped.some((index) => sql.startsWith(`create ${index} `))
  const made = written.filter((sql) => /^(?!insert |drop index )/.test(sql) && isLeft(sql))
  // Note: what a later step adds to a table comes behind the other tables.
  expect(made.toSorted()).toEqual(declared.toSorted())
})
