import { type Db, insertRow, openDatabase, updateRow } from '../../../../server/src/platform/db/index.ts'
import type { Contender, OpenContender } from '../contender.ts'
import { newestOfAuthor, postById, posts, postsSql } from '../post.table.ts'

const insertPost = insertRow(postsSql, posts)
const updatePost = updateRow(postsSql, posts)

export function contenderOn(db: Db): Contender {
  return {
    point: (id) => postById.first(db, { id }),
    page: (authorId) => newestOfAuthor.all(db, { authorId }),
    insert: (row) => db.withSystem((tx) => insertPost(tx, row)),
    insertAll: (rows) =>
      db.withSystem(async (tx) => {
        for (const row of rows) await insertPost(tx, row)
      }),
    update: (id, patch) => db.withSystem((tx) => updatePost(tx, { id }, patch)),
    close: () => db.close(),
  }
}

export const open: OpenContender = async (location) => contenderOn(openDatabase(location))
