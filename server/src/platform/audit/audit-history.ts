import { computed, createSql, integer, type Queryable, type Row } from '../db/index.ts'
import { auditEvents, auditHead } from './audit.table.ts'

/** Whose history is read: of one object, without the entries of one action, which only end others. */
export interface HistoryOf {
  readonly type: string
  readonly id: string
  readonly without: string
}

/** An entry of the audit log. */
export type HistoryEntry = Row<typeof auditEvents>

/** Which part of a history is read; behind `before`, the number of an entry, at the same cost on every page. */
export interface HistoryPage {
  readonly before?: number
  readonly skip: number
  readonly limit: number
}

/** The `before` of a first page: behind the last entry. */
export const END = Number.MAX_SAFE_INTEGER

const sql = createSql(auditEvents, auditHead)

const about = ({ type, id, without }: HistoryOf) =>
  sql
    .from('audit_events')
    .where('object_type', '=', type)
    .where('object_id', '=', id)
    .where('action', '<>', without)

const page = sql.read((p: HistoryOf & Required<HistoryPage>) =>
  about(p).selectAll().where('seq', '<', p.before).orderBy('seq', 'desc').limit(p.limit).offset(p.skip),
)
const total = sql.read((p: HistoryOf & { most: number }) =>
  sql.builder
    .selectFrom(about(p).select('seq').limit(p.most).as('counted'))
    .select((eb) => computed(eb.fn.countAll(), integer()).as('total')),
)

/**
 * One page of what happened to an object, the latest first. The audit log is read by the system alone, on any engine: it
 * names every member. Safe where the caller has looked up the object as the member who asks, and hands on that very id.
 */
export function listHistory(
  db: Queryable,
  of: HistoryOf,
  { before = END, skip, limit }: HistoryPage,
): Promise<HistoryEntry[]> {
  return page.all(db, { ...of, before, skip, limit })
}

/** How many entries `listHistory` goes through, counted no further than `most`: a busy object has millions. */
export async function countHistory(db: Queryable, of: HistoryOf, most: number): Promise<number> {
  return (await total.first(db, { ...of, most }))?.total ?? 0
}

/** Which entries of one action to find: of an object, in these requests, in a stretch of the log. */
export interface EndsOf {
  readonly type: string
  readonly id: string
  readonly action: string
  readonly requestIds: readonly string[]
  /** Both exclusive. */
  readonly after: number
  readonly before: number
}

const ends = sql.read((p: EndsOf) =>
  sql
    .from('audit_events')
    .selectAll()
    .where('object_type', '=', p.type)
    .where('object_id', '=', p.id)
    .where('seq', '>', p.after)
    .where('seq', '<', p.before)
    .where('action', '=', p.action)
    .where('request_id', 'in', p.requestIds)
    .orderBy('seq'),
)

/** The entries that end others, the first first. As `listHistory`. */
export async function listEnds(db: Queryable, of: EndsOf): Promise<HistoryEntry[]> {
  return of.requestIds.length === 0 ? [] : ends.all(db, of)
}

const head = sql.read(() => sql.from('audit_head').select('seq').where('id', '=', 1))

/** How many entries the whole log has, by the number of the last one. */
export async function countEntries(db: Queryable): Promise<number> {
  return (await head.first(db, {}))?.seq ?? 0
}
