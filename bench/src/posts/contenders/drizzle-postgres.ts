import { desc, eq, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { boolean, customType, integer, jsonb, pgTable, text, uuid, varchar } from 'drizzle-orm/pg-core'
import pg from 'pg'
import { type OpenContender, postgresSettings } from '../contender.ts'
import { PAGE, type PostRow } from '../post.table.ts'

// Note: its own timestamp column fails on a placeholder's null.
const instant = customType<{ data: Date | null; driverData: string | null }>({
  dataType: () => 'timestamp(3) with time zone',
  toDriver: (value) => (value === null ? null : value.toISOString()),
  fromDriver: (value) => (value === null ? null : new Date(value)),
})

const table = pgTable('posts', {
  id: uuid().primaryKey(),
  author_id: uuid().notNull(),
  title: varchar({ length: 200 }).notNull(),
  body: varchar({ length: 4000 }).notNull(),
  tags: text().array().$type<readonly string[]>().notNull(),
  is_pinned: boolean().notNull(),
  meta: jsonb().$type<PostRow['meta']>().notNull(),
  view_count: integer().notNull(),
  created_at: instant().$type<Date>().notNull(),
  edited_at: instant(),
})

const named = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, sql.placeholder(name)])) as never

/** Drizzle's prepared statements on `pg`; statements in a transaction are prepared by name on its connection. */
export const open: OpenContender = async (location) => {
  const client = new pg.Pool(postgresSettings(location))
  const db = drizzle(client)
  const insertOn = (on: Pick<typeof db, 'insert'>) =>
    on
      .insert(table)
      .values(named(...Object.keys(table)))
      .prepare('insert')
  const point = db
    .select()
    .from(table)
    .where(eq(table.id, sql.placeholder('id')))
    .prepare('point')
  const page = db
    .select()
    .from(table)
    .where(eq(table.author_id, sql.placeholder('authorId')))
    .orderBy(desc(table.created_at))
    .limit(PAGE)
    .prepare('page')
  const insert = insertOn(db)
  const update = db
    .update(table)
    .set(named('title', 'tags', 'view_count', 'edited_at'))
    .where(eq(table.id, sql.placeholder('id')))
    .prepare('update')
  return {
    point: async (id) => (await point.execute({ id }))[0],
    page: (authorId) => page.execute({ authorId }),
    insert: (row) => insert.execute({ ...row }),
    insertAll: (rows) =>
      db.transaction(async (tx) => {
        const prepared = insertOn(tx)
        for (const row of rows) await prepared.execute({ ...row })
      }),
    update: (id, patch) => update.execute({ ...patch, id }),
    close: () => client.end(),
  }
}
