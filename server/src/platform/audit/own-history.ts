import { computed, createSql, indexPredicate, integer, type Queryable } from '../db/index.ts'
import { auditEvents, isOfItsActor } from './audit.table.ts'
import { END, type HistoryEntry, type HistoryPage } from './audit-history.ts'

/** Whose history is read: of somebody who is an object of the log, of this type, and an actor. */
export interface OwnHistoryOf {
  readonly type: string
  readonly id: string
  /** What is told; every other entry is left out. */
  readonly actions: readonly string[]
}

interface Reach {
  readonly type: string
  readonly objectId: string
  readonly actorId: string
  readonly actions: string[]
  readonly before: number
  readonly reach: number
}

const sql = createSql(auditEvents)

const aboutThem = (p: Reach) =>
  sql
    .from('audit_events')
    .select('seq')
    .where('object_type', '=', p.type)
    .where('object_id', '=', p.objectId)
    .where('action', 'in', p.actions)
    .where('seq', '<', p.before)
    .where((eb) =>
      eb.or([eb('actor_id', 'is', null), eb('actor_id', '=', p.actorId), eb('result', '=', 'ok')]),
    )
    .orderBy('seq', 'desc')
    .limit(p.reach)

const doneToTheirs = (p: Reach) =>
  sql
    .from('audit_events')
    .select('seq')
    .where('actor_id', '=', p.actorId)
    .where(indexPredicate(isOfItsActor))
    .where('action', 'in', p.actions)
    .where('seq', '<', p.before)
    .orderBy('seq', 'desc')
    .limit(p.reach)

// Note: each half comes from its own index and stops after as many as are wanted. No entry is in both.
const both = (p: Reach) =>
  sql.builder
    .selectFrom(aboutThem(p).as('about_them'))
    .select('seq')
    .unionAll(sql.builder.selectFrom(doneToTheirs(p).as('done')).select('seq'))
    .as('own')

/** The statements, for tests of how they are carried out. */
export const ownHistoryStatements = {
  page: sql.read((p: Reach & { skip: number; limit: number }) =>
    sql
      .from('audit_events')
      .selectAll()
      .where('seq', 'in', (eb) =>
        eb.selectFrom(both(p)).select('own.seq').orderBy('own.seq', 'desc').limit(p.limit).offset(p.skip),
      )
      .orderBy('seq', 'desc'),
  ),
  total: sql.read((p: Reach) =>
    sql.builder.selectFrom(both(p)).select((eb) => computed(eb.fn.countAll(), integer()).as('total')),
  ),
}

const argumentsOf = ({ type, id, actions }: OwnHistoryOf) => ({
  type,
  objectId: id,
  actorId: id,
  actions: [...actions],
})

/**
 * One page of what happened to somebody and of what they did to what is theirs, the latest first. What others tried to do to
 * them and may not is left out. The audit log is read by the system alone, on any engine: it names every member. Safe where
 * `id` is the one who asks.
 */
export function listOwnHistory(
  db: Queryable,
  of: OwnHistoryOf,
  { before = END, skip, limit }: HistoryPage,
): Promise<HistoryEntry[]> {
  const page = { before, skip, limit, reach: skip + limit }
  return ownHistoryStatements.page.all(db, { ...argumentsOf(of), ...page })
}

/** How many entries `listOwnHistory` goes through, counted no further than `most`. */
export async function countOwnHistory(db: Queryable, of: OwnHistoryOf, most: number): Promise<number> {
  const found = await ownHistoryStatements.total.first(db, { ...argumentsOf(of), before: END, reach: most })
  return Math.min(found?.total ?? 0, most)
}
