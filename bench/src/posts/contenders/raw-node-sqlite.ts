import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { type Contender, type OpenContender, SQLITE_PRAGMAS, sqlitePath } from '../contender.ts'
import { newestOfAuthor, PAGE, postById, writeSql } from '../post.table.ts'
import { type Cells, decode, decodeCells, encode, encodePatch, type StoredPost } from './sqlite-codec.ts'

const target = { dialect: 'sqlite', ownerPredicates: true } as const

interface Shape {
  readonly asLists: boolean
  readonly inTransaction: boolean
}

/** Hand-written: `StatementSync` objects prepared once, rows decoded field by field. */
export function openRaw(path: string, shape: Shape): Contender {
  const database = new DatabaseSync(path)
  database.exec(SQLITE_PRAGMAS)
  const prepare = (sql: string): StatementSync => database.prepare(sql)
  const point = prepare(postById.sqlFor(target))
  const page = prepare(newestOfAuthor.sqlFor(target))
  const { insert, update } = writeSql(() => '?')
  const [insertOne, updateOne] = [prepare(insert), prepare(update)]
  const [begin, commit] = [prepare('begin immediate'), prepare('commit')]
  if (shape.asLists) for (const read of [point, page]) read.setReturnArrays(true)
  const one = (row: unknown) => (shape.asLists ? decodeCells(row as Cells) : decode(row as StoredPost))
  const write = (work: () => void) => {
    begin.run()
    work()
    commit.run()
  }
  const single = shape.inTransaction ? write : (work: () => void) => work()
  return {
    point(id) {
      const row: unknown = point.get(id)
      return row === undefined ? undefined : one(row)
    },
    page: (authorId) => (page.all(authorId, PAGE) as unknown[]).map(one),
    insert: (row) => single(() => insertOne.run(...encode(row))),
    insertAll: (rows) =>
      write(() => {
        for (const row of rows) insertOne.run(...encode(row))
      }),
    update: (id, patch) => single(() => updateOne.run(...encodePatch(id, patch))),
    close: () => database.close(),
  }
}

export const open: OpenContender = async (location) =>
  openRaw(sqlitePath(location), { asLists: false, inTransaction: false })
