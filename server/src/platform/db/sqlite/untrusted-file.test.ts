import { existsSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createTestDatabase,
  migrateTestDatabase,
  migrationFor,
  type TestDatabase,
} from '../../../testing/for-each-database.ts'
import {
  createSql,
  type Db,
  defineTable,
  fullText,
  insertRow,
  integer,
  openDatabase,
  searchText,
} from '../index.ts'
import { openForMigration } from '../open-database.ts'
import { rawStatement } from '../postgres/control-statements.ts'
import { READ, WRITE } from '../session.ts'
import { SqliteConnection } from './sqlite-connection.ts'

const notes = defineTable(
  'notes',
  { id: integer().primaryKey(), words: searchText(100) },
  { access: { kind: 'system' }, indexes: [fullText('words')] },
)
const insert = insertRow(createSql(notes), notes)
const schema = { tables: [notes], migrations: [migrationFor([notes])] }

const statementOf = (sql: string) => rawStatement(sql, new Map([['notes', notes]]))

const LEAK = 'select file from pragma_database_list'
const REFUSED = 'not authorized'

describe('an SQLite file', () => {
  let database: TestDatabase
  let path: string
  let opened: Db | undefined

  beforeEach(async () => {
    database = await createTestDatabase('sqlite')
    if (database.location.kind !== 'sqlite') throw new Error('not SQLite')
    path = database.location.path
    await migrateTestDatabase(database.location, schema)
  })
  afterEach(async () => {
    await opened?.close()
    opened = undefined
    await database.drop()
  })

  /** Every way by which the product runs SQL on the file, each with the error it gives. */
  const ways = () => {
    const db = openDatabase({ kind: 'sqlite', path })
    opened = db
    const attempt = (run: () => Promise<unknown>) =>
      run().then(
        () => 'done',
        (error: unknown) => String(error),
      )
    return {
      reading: (sql: string) => attempt(() => db[READ].all(statementOf(sql), [])),
      writing: (sql: string) => attempt(() => db.withSystem((tx) => tx[WRITE].run(statementOf(sql), []))),
      migrating: (sql: string) =>
        attempt(async () => {
          const connection = await openForMigration({ kind: 'sqlite', path })
          await connection.execute(sql).finally(() => connection.close())
        }),
    }
  }

  /** Changes the file as whoever holds it can, who is bound to nothing. */
  const tamper = (...changes: string[]) => {
    const file = new DatabaseSync(path, { defensive: false })
    try {
      file.exec(['pragma trusted_schema = on', 'pragma writable_schema = on', ...changes].join(';'))
    } finally {
      file.close()
    }
  }

  it('C54: cannot be left by ATTACH, nor copied elsewhere', async () => {
    const other = `${path}.other`
    for (const run of Object.values(ways())) {
      for (const target of [other, path, '', ':memory:', `file:${other}?mode=rwc`])
        expect(await run(`attach '${target}' as other`)).toContain(REFUSED)
      expect(await run(`vacuum into '${other}'`)).toMatch(/authoriz|transaction/)
    }
    expect(existsSync(other)).toBe(false)
  })

  it('C54: loads no extension, by SQL or by its driver', async () => {
    tamper("insert into notes (id, words) values (1, 'one')")
    for (const run of Object.values(ways())) {
      expect(await run(`select id from notes where load_extension('${path}.so')`)).toContain(REFUSED)
    }
    for (const readOnly of [false, true]) {
      const connection = new SqliteConnection(path, { readOnly })
      expect(() => connection.database.enableLoadExtension(true)).toThrow('extension')
      expect(() => connection.database.loadExtension(`${path}.so`)).toThrow('not allowed')
      connection.close()
    }
  })

  it('C54: has nothing with effects outside called by its views and triggers', async () => {
    tamper(
      `create view leak as ${LEAK}`,
      "create view load as select load_extension('x')",
      `create trigger leaking after insert on notes begin ${LEAK}; end`,
    )
    const trusting = new DatabaseSync(path)
    expect(trusting.prepare('select * from leak').all()).toEqual([{ file: path }])
    trusting.close()
    const { reading, writing, migrating } = ways()
    for (const run of [reading, writing, migrating]) {
      expect(await run('select * from leak')).toContain('unsafe use')
      expect(await run('select * from load')).toContain('unsafe use')
    }
    const written = opened?.withSystem((tx) => insert(tx, { id: 1, words: 'mine' }))
    await expect(written).rejects.toThrow('unsafe use')
  })

  it('C54: has no function called by its views that was not declared harmless', () => {
    tamper(
      'create view call as select tell(id) from notes',
      "insert into notes (id, words) values (1, 'one')",
    )
    for (const readOnly of [false, true]) {
      const connection = new SqliteConnection(path, { readOnly })
      const told: unknown[] = []
      connection.database.function('tell', (id) => told.push(id))
      expect(() => connection.database.prepare('select * from call').all()).toThrow('unsafe use of tell')
      expect(told).toEqual([])
      expect(connection.database.prepare('select tell(id) from notes').get()).toBeDefined()
      expect(told).toEqual([1])
      connection.close()
    }
  })

  it('C54: stays untrusted, whatever a statement sets', async () => {
    tamper(`create view leak as ${LEAK}`)
    for (const run of Object.values(ways())) {
      for (const pragma of ['trusted_schema = on', 'main.Trusted_Schema(1)', '"trusted_schema" = true'])
        expect(await run(`pragma ${pragma}`)).toContain(REFUSED)
      expect(await run('select * from leak')).toContain('unsafe use')
    }
  })

  it('C54: keeps its schema and the tables behind its index from statements', async () => {
    const before = schemaOf(path)
    for (const run of Object.values(ways())) {
      await run('pragma writable_schema = on')
      expect(await run("update sqlite_schema set sql = 'nonsense'")).toContain('may not be modified')
      expect(await run('delete from sqlite_schema')).toContain('may not be modified')
      expect(await run('delete from notes_words_fts_data')).toContain('may not be modified')
      await run('pragma journal_mode = off')
    }
    await opened?.withSystem((tx) => insert(tx, { id: 1, words: 'mine' }))
    expect(schemaOf(path)).toEqual(before)
    const file = new DatabaseSync(path, { readOnly: true })
    expect(file.prepare('pragma journal_mode').all()).toEqual([{ journal_mode: 'wal' }])
    expect(file.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
    file.close()
  })

  it('C54: is opened by nothing that does not keep to it', async () => {
    const opening = ({ text }: SourceFile) => /new DatabaseSync\((?!':memory:')/.test(text)
    const files = (await sourceFiles()).filter(opening)
    expect(files.map(({ name }) => name)).toContain('platform/db/sqlite/sqlite-connection.ts')
    expect(files.filter(({ text }) => !/\bconfine\(\w/.test(text))).toEqual([])
  })

  it('C54: is not served once its schema is no longer one', async () => {
    tamper("update sqlite_schema set sql = 'nonsense' where name = 'notes'")
    expect(ways).toThrow('malformed database schema')
    await expect(openForMigration({ kind: 'sqlite', path })).rejects.toThrow('malformed database schema')
  })
})

interface SourceFile {
  readonly name: string
  readonly text: string
}

/** The product's own, without its tests. */
async function sourceFiles(): Promise<SourceFile[]> {
  const root = fileURLToPath(new URL('../../../', import.meta.url))
  const files: SourceFile[] = []
  for await (const name of glob('**/*.ts', { cwd: root })) {
    if (/\.test\.ts$|(^|\/)testing\//.test(name)) continue
    files.push({ name, text: await readFile(join(root, name), 'utf8') })
  }
  return files
}

function schemaOf(path: string): unknown[] {
  const file = new DatabaseSync(path, { readOnly: true })
  try {
    return file.prepare('select type, name, sql from sqlite_schema').all()
  } finally {
    file.close()
  }
}
