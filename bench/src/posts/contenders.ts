import type { Dialect } from '../../../server/src/platform/db/index.ts'

/** One line of the table: the module in `contenders/` that is measured, and its exact API in words. */
export interface ContenderChoice {
  readonly module: string
  readonly name: string
  readonly api: string
  /** Its calls return values rather than promises, and are timed without `await`. */
  readonly isSync: boolean
}

const sync = { isSync: true }
const promises = { isSync: false }

/** Our layer first, then the baseline. */
export const CONTENDERS: Readonly<Record<Dialect, readonly ContenderChoice[]>> = {
  sqlite: [
    {
      module: 'outcry',
      name: 'this layer',
      api: 'createSql, insertRow, updateRow on node:sqlite',
      ...promises,
    },
    {
      module: 'raw-node-sqlite',
      name: 'raw node:sqlite (baseline)',
      api: 'StatementSync get/all/run, row objects, decoded by hand; single writes autocommit',
      ...sync,
    },
    {
      module: 'raw-node-sqlite-lists',
      name: 'raw node:sqlite, lists',
      api: 'the same with setReturnArrays(true); single writes in BEGIN IMMEDIATE … COMMIT',
      ...sync,
    },
    {
      module: 'raw-better-sqlite3',
      name: 'raw better-sqlite3',
      api: 'Statement get/all/run, row objects, decoded by hand; single writes autocommit',
      ...sync,
    },
    {
      module: 'outcry-on-better-sqlite3',
      name: 'this layer on better-sqlite3',
      api: 'the same layer with the other driver under it, raw(true) rows',
      ...promises,
    },
    {
      module: 'drizzle-sqlite',
      name: 'Drizzle',
      api: 'prepare() with placeholders, get/all/run on better-sqlite3; single writes autocommit',
      ...sync,
    },
    {
      module: 'kysely-sqlite',
      name: 'Kysely',
      api: 'SqliteDialect on better-sqlite3, rows coded by hand; single writes autocommit',
      ...promises,
    },
    {
      module: 'typeorm-posts',
      name: 'TypeORM',
      api: 'Repository findOneBy/find/insert/update on better-sqlite3',
      ...promises,
    },
    {
      module: 'mikro-orm-posts',
      name: 'MikroORM',
      api: 'fork, findOne/find/insert/nativeUpdate on better-sqlite3',
      ...promises,
    },
  ],
  postgres: [
    {
      module: 'outcry',
      name: 'this layer',
      api: 'createSql, insertRow, updateRow on pg; every write in a transaction with row context',
      ...promises,
    },
    {
      module: 'raw-pg',
      name: 'raw pg (baseline)',
      api: 'Pool.query(config, callback), named statements, rowMode array, wire text decoded by hand; single writes autocommit, row context set once per session',
      ...promises,
    },
    {
      module: 'raw-pg-parsers',
      name: 'raw pg, parsers',
      api: 'named statements, callbacks, row objects by the driver’s own parsers; single writes as BEGIN, row context, statement, COMMIT, pipelined',
      ...promises,
    },
    {
      module: 'drizzle-postgres',
      name: 'Drizzle',
      api: 'prepare(name) with placeholders, execute on pg; single writes autocommit, context per session',
      ...promises,
    },
    {
      module: 'kysely-postgres',
      name: 'Kysely',
      api: 'PostgresDialect on pg; single writes autocommit, context per session',
      ...promises,
    },
    {
      module: 'typeorm-posts',
      name: 'TypeORM',
      api: 'Repository findOneBy/find/insert/update on pg; context per session',
      ...promises,
    },
    {
      module: 'mikro-orm-posts',
      name: 'MikroORM',
      api: 'fork, findOne/find/insert/nativeUpdate on pg; context per session',
      ...promises,
    },
  ],
}
