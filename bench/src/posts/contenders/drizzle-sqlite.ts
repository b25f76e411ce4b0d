import Database from 'better-sqlite3'
import { desc, eq, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { customType, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { type OpenContender, SQLITE_PRAGMAS, sqlitePath } from '../contender.ts'
import { PAGE, type PostRow } from '../post.table.ts'

// Note: a placeholder's null reaches `toDriver`, too.
const instant = customType<{ data: Date | null; driverData: string | null }>({
  dataType: () => 'text',
  toDriver: (value) => (value === null ? null : value.toISOString()),
  fromDriver: (value) => (value === null ? null : new Date(value)),
})

const table = sqliteTable('posts', {
  id: text().primaryKey(),
  author_id: text().notNull(),
  title: text().notNull(),
  body: text().notNull(),
  tags: text({ mode: 'json' }).$type<readonly string[]>().notNull(),
  is_pinned: integer({ mode: 'boolean' }).notNull(),
  meta: text({ mode: 'json' }).$type<PostRow['meta']>().notNull(),
  view_count: integer().notNull(),
  created_at: instant().$type<Date>().notNull(),
  edited_at: instant(),
})

const named = <K extends string>(...names: readonly K[]) =>
  Object.fromEntries(names.map((name) => [name, sql.placeholder(name)]))

/** Drizzle's prepared statements on better-sqlite3. */
export const open: OpenContender = async (location) => {
  const client = new Database(sqlitePath(location))
  client.exec(SQLITE_PRAGMAS)
  const db = drizzle(client)
  const point = db
    .select()
    .from(table)
    .where(eq(table.id, sql.placeholder('id')))
    .prepare()
  const page = db
    .select()
    .from(table)
    .where(eq(table.author_id, sql.placeholder('authorId')))
    .orderBy(desc(table.created_at))
    .limit(PAGE)
    .prepare()
  const all = named(...(Object.keys(table) as (keyof PostRow)[])) as never
  const insert = db.insert(table).values(all).prepare()
  const update = db
    .update(table)
    .set(named('title', 'tags', 'view_count', 'edited_at') as never)
    .where(eq(table.id, sql.placeholder('id')))
    .prepare()
  return {
    point: (id) => point.get({ id }),
    page: (authorId) => page.all({ authorId }),
    insert: (row) => insert.run({ ...row }),
    insertAll: (rows) =>
      db.transaction(
        () => {
          for (const row of rows) insert.run({ ...row })
        },
        { behavior: 'immediate' },
      ),
    update: (id, patch) => update.run({ ...patch, id }),
    close: () => client.close(),
  }
}
