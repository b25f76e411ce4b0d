import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { confine } from '../sqlite/confine.ts'
import { createPrivateFile } from '../sqlite/private-file.ts'
import { isSqliteBusy, translateSqliteError } from '../sqlite/sqlite-errors.ts'
import { HISTORY_TABLE, type MigrationConnection, MigrationError } from './migrator.ts'

const LOCK_WAIT_MS = 120_000 // another node may be in a long migration
const RETRY_MS = 25

/** Opens an SQLite file, made if it is not there, for changing its schema. */
export function openSqliteForMigration(path: string): MigrationConnection {
  createPrivateFile(path)
  const database = new DatabaseSync(path, { timeout: RETRY_MS })
  confine(database)
  // Note: rebuilding a table needs foreign keys off (https://www.sqlite.org/lang_altertable.html section 7); they are
  // checked before each commit instead.
  database.exec(
    'pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = off; pragma secure_delete = on',
  )

  const begin = async () => {
    const deadline = performance.now() + LOCK_WAIT_MS
    for (;;) {
      try {
        return database.exec('begin immediate')
      } catch (error) {
        const translated = translateSqliteError(error)
        if (!isSqliteBusy(translated) || performance.now() > deadline) throw translated
        await wait(RETRY_MS)
      }
    }
  }
  const hasHistory = () =>
    database.prepare(`select 1 from sqlite_schema where name = '${HISTORY_TABLE}'`).get() !== undefined

  return {
    dialect: 'sqlite',
    async applied() {
      if (!hasHistory()) return []
      return database
        .prepare(`select id, checksum from ${HISTORY_TABLE} order by id`)
        .all()
        .map((row) => ({ id: String(row.id), checksum: String(row.checksum) }))
    },
    async exclusively(work) {
      await begin()
      try {
        database.exec(
          `create table if not exists ${HISTORY_TABLE} (id text primary key, checksum text not null, applied_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')))`,
        )
        await work()
        const broken = database.prepare('pragma foreign_key_check').all()
        if (broken.length > 0)
          throw new MigrationError(`A migration left ${broken.length} rows without their parents.`)
        database.exec('commit')
      } catch (error) {
        if (database.isTransaction) database.exec('rollback') // a full disk has rolled back already
        throw translateSqliteError(error)
      }
    },
    async execute(sql) {
      database.exec(sql)
    },
    async change(sql) {
      return Number(database.prepare(sql).run().changes)
    },
    async count(sql) {
      return Number(Object.values(database.prepare(sql).get() ?? {})[0] ?? 0)
    },
    async record({ id, checksum }) {
      database.prepare(`insert into ${HISTORY_TABLE} (id, checksum) values (?, ?)`).run(id, checksum)
    },
    async grant() {},
    async close() {
      database.close()
    },
  }
}
