import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { type OpenContender, SQLITE_PRAGMAS, sqlitePath } from '../contender.ts'
import type { PostRow } from '../post.table.ts'
import { PAGE } from '../post.table.ts'
import { decode, type StoredPost } from './sqlite-codec.ts'

const encode = (row: PostRow): StoredPost => ({
  ...row,
  tags: JSON.stringify(row.tags),
  is_pinned: row.is_pinned ? 1 : 0,
  meta: JSON.stringify(row.meta),
  created_at: row.created_at.toISOString(),
  edited_at: row.edited_at === null ? null : row.edited_at.toISOString(),
})

/** Kysely as it comes, on better-sqlite3; it has no column types, so rows are coded by hand. */
export const open: OpenContender = async (location) => {
  const client = new Database(sqlitePath(location))
  client.exec(SQLITE_PRAGMAS)
  const db = new Kysely<{ posts: StoredPost }>({ dialect: new SqliteDialect({ database: client }) })
  return {
    async point(id) {
      const row = await db.selectFrom('posts').selectAll().where('id', '=', id).executeTakeFirst()
      return row && decode(row)
    },
    async page(authorId) {
      const query = db.selectFrom('posts').selectAll().where('author_id', '=', authorId)
      return (await query.orderBy('created_at', 'desc').limit(PAGE).execute()).map(decode)
    },
    insert: (row) => db.insertInto('posts').values(encode(row)).execute(),
    insertAll: (rows) =>
      db.transaction().execute(async (tx) => {
        for (const row of rows) await tx.insertInto('posts').values(encode(row)).execute()
      }),
    update: (id, { tags, edited_at, ...rest }) =>
      db
        .updateTable('posts')
        .set({
          ...rest,
          tags: JSON.stringify(tags),
          edited_at: edited_at === null ? null : edited_at.toISOString(),
        })
        .where('id', '=', id)
        .execute(),
    close: () => db.destroy(),
  }
}
