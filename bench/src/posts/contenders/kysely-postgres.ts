import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { type OpenContender, postgresSettings } from '../contender.ts'
import { PAGE, type PostRow } from '../post.table.ts'

/** Kysely as it comes, on `pg` with its own parsers. */
export const open: OpenContender = async (location) => {
  const pool = new pg.Pool(postgresSettings(location))
  const db = new Kysely<{ posts: PostRow }>({ dialect: new PostgresDialect({ pool }) })
  return {
    point: (id) => db.selectFrom('posts').selectAll().where('id', '=', id).executeTakeFirst(),
    page: (authorId) =>
      db
        .selectFrom('posts')
        .selectAll()
        .where('author_id', '=', authorId)
        .orderBy('created_at', 'desc')
        .limit(PAGE)
        .execute(),
    insert: (row) => db.insertInto('posts').values(row).execute(),
    insertAll: (rows) =>
      db.transaction().execute(async (tx) => {
        for (const row of rows) await tx.insertInto('posts').values(row).execute()
      }),
    update: (id, patch) => db.updateTable('posts').set(patch).where('id', '=', id).execute(),
    close: () => db.destroy(),
  }
}
