import Database from 'better-sqlite3'
import { type OpenContender, SQLITE_PRAGMAS, sqlitePath } from '../contender.ts'
import { newestOfAuthor, PAGE, postById, writeSql } from '../post.table.ts'
import { decode, encode, encodePatch, type StoredPost } from './sqlite-codec.ts'

const target = { dialect: 'sqlite', ownerPredicates: true } as const

/** Hand-written on better-sqlite3: `Statement` objects prepared once, rows decoded field by field. */
export const open: OpenContender = async (location) => {
  const database = new Database(sqlitePath(location))
  database.exec(SQLITE_PRAGMAS)
  const point = database.prepare<[string], StoredPost>(postById.sqlFor(target))
  const page = database.prepare<[string, number], StoredPost>(newestOfAuthor.sqlFor(target))
  const { insert, update } = writeSql(() => '?')
  const [insertOne, updateOne] = [database.prepare(insert), database.prepare(update)]
  const [begin, commit] = [database.prepare('begin immediate'), database.prepare('commit')]
  return {
    point(id) {
      const row = point.get(id)
      return row === undefined ? undefined : decode(row)
    },
    page: (authorId) => page.all(authorId, PAGE).map(decode),
    insert: (row) => insertOne.run(...encode(row)),
    insertAll(rows) {
      begin.run()
      for (const row of rows) insertOne.run(...encode(row))
      commit.run()
    },
    update: (id, patch) => updateOne.run(...encodePatch(id, patch)),
    close: () => database.close(),
  }
}
