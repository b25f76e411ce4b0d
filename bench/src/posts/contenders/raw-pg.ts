import pg from 'pg'
import { type Contender, type OpenContender, postgresSettings } from '../contender.ts'
import { newestOfAuthor, PAGE, type PostPatch, type PostRow, postById, writeSql } from '../post.table.ts'

const target = { dialect: 'postgres', ownerPredicates: true } as const
const SET_SYSTEM = `select set_config('app.uid', $1, true), set_config('app.system', $2, true)`

/** Leaves every value as the text that came over the wire. */
const AS_TEXT = { getTypeParser: () => (text: string) => text }

type Cells = [string, string, string, string, string, string, string, string, string, string | null]

function parseArray(text: string): string[] {
  if (text === '{}') return []
  if (!text.includes('"')) return text.slice(1, -1).split(',')
  const items: string[] = []
  for (let i = 1; i < text.length; i++) {
    const isQuoted = text[i] === '"'
    const end = isQuoted ? text.indexOf('"', i + 1) : text.indexOf(',', i)
    const to = end === -1 ? text.length - 1 : end
    items.push(text.slice(isQuoted ? i + 1 : i, to))
    i = isQuoted ? to + 1 : to
  }
  return items
}

function decode(cells: Cells): PostRow {
  return {
    id: cells[0],
    author_id: cells[1],
    title: cells[2],
    body: cells[3],
    tags: parseArray(cells[4]),
    is_pinned: cells[5] === 't',
    meta: JSON.parse(cells[6]),
    view_count: Number(cells[7]),
    created_at: new Date(cells[8]),
    edited_at: cells[9] === null ? null : new Date(cells[9]),
  }
}

function encode(row: PostRow): unknown[] {
  return [
    row.id,
    row.author_id,
    row.title,
    row.body,
    row.tags,
    row.is_pinned,
    JSON.stringify(row.meta),
    row.view_count,
    row.created_at.toISOString(),
    row.edited_at === null ? null : row.edited_at.toISOString(),
  ]
}

const encodePatch = (id: string, patch: PostPatch): unknown[] => [
  patch.title,
  patch.tags,
  patch.view_count,
  patch.edited_at === null ? null : patch.edited_at.toISOString(),
  id,
]

interface Shape {
  /** `rowMode: 'array'` decoded by hand, or the driver's objects and parsers. */
  readonly byHand: boolean
  /** Single writes between BEGIN, the row context and COMMIT, all sent at once. */
  readonly inTransaction: boolean
}

type Runner = Pick<pg.Pool, 'query'> | Pick<pg.PoolClient, 'query'>

/** One statement by the callback form, which costs `pg` less than its promises. */
function run(on: Runner, query: pg.QueryArrayConfig | pg.QueryConfig): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    void on.query(query, (error: Error | undefined, result: pg.QueryResult) =>
      error ? reject(error) : resolve(result.rows),
    )
  })
}

export function openRaw(pool: pg.Pool, shape: Shape): Contender {
  const { insert, update } = writeSql((position) => `$${position}`)
  const reading = shape.byHand ? { rowMode: 'array' as const, types: AS_TEXT } : {}
  const texts = { point: postById.sqlFor(target), page: newestOfAuthor.sqlFor(target), insert, update }
  const rows = (row: unknown) => (shape.byHand ? decode(row as Cells) : (row as PostRow))
  const read = (name: 'point' | 'page', values: unknown[]) =>
    run(pool, { name, text: texts[name], values, ...reading })
  const statement = (name: 'insert' | 'update', values: unknown[]) => ({ name, text: texts[name], values })
  const withClient = async (work: (client: pg.PoolClient) => Promise<unknown>) => {
    const client = await pool.connect()
    try {
      return await work(client)
    } finally {
      client.release()
    }
  }
  const context = { name: 'context', text: SET_SYSTEM, values: ['', 'on'] }
  const begin = { name: 'begin', text: 'begin' }
  const commit = { name: 'commit', text: 'commit' }
  const single = (query: pg.QueryConfig) =>
    shape.inTransaction
      ? withClient((client) =>
          Promise.all([run(client, begin), run(client, context), run(client, query), run(client, commit)]),
        )
      : run(pool, query)
  return {
    async point(id) {
      const [row] = await read('point', [id])
      return row === undefined ? undefined : rows(row)
    },
    page: async (authorId) => (await read('page', [authorId, PAGE])).map(rows),
    insert: (row) => single(statement('insert', encode(row))),
    insertAll: (all) =>
      withClient(async (client) => {
        await run(client, begin)
        for (const row of all) await run(client, statement('insert', encode(row)))
        await run(client, commit)
      }),
    update: (id, patch) => single(statement('update', encodePatch(id, patch))),
    close: () => pool.end(),
  }
}

/** Hand-written on `pg`: named statements, callbacks, wire text decoded field by field; single writes commit by themselves. */
export const open: OpenContender = async (location) =>
  openRaw(new pg.Pool(postgresSettings(location)), { byHand: true, inTransaction: false })
