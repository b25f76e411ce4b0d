import {
  computed,
  createSql,
  integer,
  keysetBefore,
  type NewRow,
  skipLocked,
  timestamptz,
  updateRow,
  uuid,
  value,
} from '../db/index.ts'
import { jobs } from './job.table.ts'

const sql = createSql(jobs)

const update = updateRow(sql, jobs)

/** Adds a job and says 1, or 0 when an unfinished one of its kind has its key. No RETURNING: members may only add. */
export const insertJob = sql.write((p: Required<NewRow<typeof jobs>>) =>
  sql.builder
    .insertInto('jobs')
    .values({
      id: p.id,
      kind: p.kind,
      dedupe_key: p.dedupe_key,
      payload: p.payload,
      sealed_payload: p.sealed_payload,
      run_at: p.run_at,
      due_at: p.due_at,
      attempts: p.attempts,
      lease_token: p.lease_token,
      last_error: p.last_error,
      dead_at: p.dead_at,
      created_at: p.created_at,
    })
    .onConflict((conflict) => conflict.doNothing()),
)

/**
 * Takes due jobs and leases them until `leased_until`: one statement, so that no job is taken twice.
 * Note: a CTE, because PostgreSQL may run a subquery in IN more than once and lock more rows than its limit.
 */
export const claimDueJobs = sql.write(
  (p: { kinds: readonly string[]; now: Date; leased_until: Date; token: string; limit: number }) =>
    sql.builder
      .with('due', () =>
        sql
          .from('jobs')
          .select('jobs.id')
          .where('jobs.dead_at', 'is', null)
          .where('jobs.due_at', '<=', p.now)
          .where('jobs.kind', 'in', p.kinds)
          .orderBy('jobs.due_at')
          .orderBy('jobs.id')
          .limit(p.limit)
          .modifyEnd(skipLocked()),
      )
      .updateTable('jobs')
      .set((eb) => ({
        lease_token: p.token,
        due_at: p.leased_until,
        attempts: eb('jobs.attempts', '+', 1),
      }))
      .where('jobs.id', 'in', (eb) => eb.selectFrom('due').select('due.id'))
      .returningAll(),
)

/** Moves the end of a running attempt's lease; says 0 when the lease is lost. */
export const renewLease = sql.write((p: { id: string; token: string; leased_until: Date }) =>
  sql.builder
    .updateTable('jobs')
    .set({ due_at: p.leased_until })
    .where('id', '=', p.id)
    .where('lease_token', '=', p.token),
)

/** Removes finished work; says 0 when the lease is lost. */
export const deleteLeasedJob = sql.write((p: { id: string; token: string }) =>
  sql.builder.deleteFrom('jobs').where('id', '=', p.id).where('lease_token', '=', p.token),
)

/** Ends a running attempt and keeps the job as `patch` says; says 0 when the lease is lost. */
export const releaseJob = update

const deadJobs = () =>
  sql
    .from('jobs')
    .select(['id', 'kind', 'attempts', 'last_error', 'run_at', 'dead_at', 'created_at'])
    .where('dead_at', 'is not', null)
    .orderBy('dead_at', 'desc')
    .orderBy('id', 'desc')

/** A page of dead letters, the newest first. */
export const listDeadJobs = sql.read((p: { limit: number; skip: number }) =>
  deadJobs().limit(p.limit).offset(p.skip),
)

/** The page behind a known dead letter, at the same cost on every page. */
export const listDeadJobsAfter = sql.read((p: { dead_at: Date; id: string; limit: number }) =>
  deadJobs()
    .where(keysetBefore(['dead_at', 'id'], [value(timestamptz(), p.dead_at), value(uuid(), p.id)]))
    .limit(p.limit),
)

/** A dead letter by its id. */
export const findDeadJob = sql.read((p: { id: string }) =>
  sql.from('jobs').select('id').where('id', '=', p.id).where('dead_at', 'is not', null),
)

/** Gives a dead letter its attempts back; says 0 when it is not one, or when a newer job has its key. */
export const reviveDeadJob = sql.write((p: { id: string; now: Date }) =>
  sql.builder
    .updateTable('jobs')
    .set({ dead_at: null, run_at: p.now, due_at: p.now, attempts: 0, lease_token: null })
    .where('id', '=', p.id)
    .where('dead_at', 'is not', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('jobs as newer')
            .select('newer.id')
            .whereRef('newer.kind', '=', 'jobs.kind')
            .whereRef('newer.dedupe_key', '=', 'jobs.dedupe_key')
            .where('newer.dead_at', 'is', null),
        ),
      ),
    ),
)

/** Deletes a dead letter; says 0 when it is not one. */
export const deleteDeadJob = sql.write((p: { id: string }) =>
  sql.builder.deleteFrom('jobs').where('id', '=', p.id).where('dead_at', 'is not', null),
)

/** How many jobs of each kind wait, run and are dead. */
export const countJobs = sql.read((p: { now: Date }) =>
  sql
    .from('jobs')
    .select((eb) => [
      'kind',
      computed(eb.fn.countAll().filterWhere('dead_at', 'is not', null), integer()).as('dead'),
      computed(
        eb.fn.countAll().filterWhere('dead_at', 'is', null).filterWhere('lease_token', 'is not', null),
        integer(),
      ).as('running'),
      computed(
        eb.fn.countAll().filterWhere('dead_at', 'is', null).filterWhere('lease_token', 'is', null),
        integer(),
      ).as('waiting'),
      computed(
        eb.fn
          .countAll()
          .filterWhere('dead_at', 'is', null)
          .filterWhere('lease_token', 'is', null)
          .filterWhere('due_at', '<=', p.now),
        integer(),
      ).as('due'),
    ])
    .groupBy('kind')
    .orderBy('kind'),
)
