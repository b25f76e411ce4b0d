import { Type } from 'typebox'
import {
  array,
  boolean,
  createSql,
  defineTable,
  index,
  integer,
  jsonb,
  type Row,
  text,
  timestamptz,
  uuid,
} from '../../../server/src/platform/db/index.ts'

/** A row of the kinds that a page of a feed holds. Everyone reads it, so that a read needs no row context. */
export const posts = defineTable(
  'posts',
  {
    id: uuid().primaryKey(),
    author_id: uuid(),
    title: text(200),
    body: text(4000),
    tags: array(text(50)),
    is_pinned: boolean(),
    meta: jsonb(
      Type.Object({ lang: Type.String(), score: Type.Number(), symbols: Type.Array(Type.String()) }),
    ),
    view_count: integer(),
    created_at: timestamptz(),
    edited_at: timestamptz().nullable(),
  },
  { access: { kind: 'shared', owner: 'author_id' }, indexes: [index('author_id', 'created_at')] },
)

export type PostRow = Row<typeof posts>
export type PostPatch = Pick<PostRow, 'title' | 'tags' | 'view_count' | 'edited_at'>

const sql = createSql(posts)

/** The queries that every contender answers; the raw drivers run this very SQL. */
export const postById = sql.read((p: { id: string }) => sql.from('posts').selectAll().where('id', '=', p.id))
export const PAGE = 50
export const newestOfAuthor = sql.read((p: { authorId: string }) =>
  sql.from('posts').selectAll().where('author_id', '=', p.authorId).orderBy('created_at', 'desc').limit(PAGE),
)
export const postsSql = sql

export const COLUMNS = Object.keys(posts.columns)
const PATCHED = ['title', 'tags', 'view_count', 'edited_at']
const list = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ')

/** The SQL of the writes, with the engine's placeholders. */
export function writeSql(placeholder: (position: number) => string): { insert: string; update: string } {
  const values = COLUMNS.map((_, i) => placeholder(i + 1)).join(', ')
  const changes = PATCHED.map((name, i) => `"${name}" = ${placeholder(i + 1)}`).join(', ')
  return {
    insert: `insert into "posts" (${list(COLUMNS)}) values (${values})`,
    update: `update "posts" set ${changes} where "id" = ${placeholder(PATCHED.length + 1)}`,
  }
}
