import type { Clock } from '../clock.ts'
import type { SealBinding, Sealer } from '../crypto/sealed.ts'
import type { Db, Tx } from '../db/index.ts'
import {
  countJobs,
  deleteDeadJob,
  findDeadJob,
  insertJob,
  listDeadJobs,
  listDeadJobsAfter,
  reviveDeadJob,
} from './job.store.ts'
import type { JobRow } from './job.table.ts'
import type { JobKind } from './job-kind.ts'

/** Work to be done after the transaction that asks for it. */
export interface JobRequest<P> {
  readonly kind: JobKind<P>
  readonly payload: P
  /** Not before this; unset: at once. */
  readonly runAt?: Date
  /** While an unfinished job of the kind has this key, another one is not added. At most 255 characters. */
  readonly key?: string
}

/** A job that was given up, without what it carried. */
export type DeadJob = Pick<
  JobRow,
  'id' | 'kind' | 'attempts' | 'last_error' | 'run_at' | 'dead_at' | 'created_at'
>

/** One kind's jobs. `due` counts those of `waiting` whose time has come. */
export interface JobCounts {
  readonly kind: string
  readonly waiting: number
  readonly due: number
  readonly running: number
  readonly dead: number
}

/** What a queue is made with. */
export interface JobQueueOptions {
  readonly db: Db
  readonly clock: Clock
  readonly newId: () => string
  readonly sealer: Sealer
  /** Called after each commit that added a job due now. */
  readonly onAdded: () => void
}

/** Where a sealed payload belongs; the jobs table seals each payload once, so its version is always 1. */
export function payloadBinding(id: string, kind: string): SealBinding {
  return { table: 'jobs', record: id, owner: kind, field: 'sealed_payload', version: 1 }
}

/** The writing half of jobs: adding them, and what an operator does with dead letters. */
export function createJobQueue({ db, clock, newId, sealer, onAdded }: JobQueueOptions) {
  const enqueue = async <P>(tx: Tx, request: JobRequest<P>): Promise<string | undefined> => {
    const { kind, runAt, key } = request
    const payload = kind.check(request.payload)
    const id = newId()
    const now = clock.now()
    const dueAt = runAt ?? now
    const added = await insertJob.run(tx, {
      id,
      kind: kind.name,
      dedupe_key: key ?? null,
      payload: kind.sealedPayload ? null : payload,
      sealed_payload: kind.sealedPayload
        ? sealer.seal(payloadBinding(id, kind.name), JSON.stringify(payload))
        : null,
      run_at: dueAt,
      due_at: dueAt,
      attempts: 0,
      lease_token: null,
      last_error: null,
      dead_at: null,
      created_at: now,
    })
    if (added === 0) return undefined
    if (dueAt <= now) tx.afterCommit(onAdded)
    return id
  }

  return {
    enqueue,
    counts: (): Promise<JobCounts[]> => countJobs.all(db.asSystem(), { now: clock.now() }),
    listDead: ({ limit = 20, skip = 0 }: { limit?: number; skip?: number } = {}): Promise<DeadJob[]> =>
      listDeadJobs.all(db.asSystem(), { limit, skip }),
    listDeadAfter: (page: { diedAt: Date; id: string; limit: number }): Promise<DeadJob[]> =>
      listDeadJobsAfter.all(db.asSystem(), { dead_at: page.diedAt, id: page.id, limit: page.limit }),
    async isDead(tx: Tx, id: string): Promise<boolean> {
      return (await findDeadJob.first(tx, { id })) !== undefined
    },
    async retryDead(tx: Tx, id: string): Promise<boolean> {
      const changed = await reviveDeadJob.run(tx, { id, now: clock.now() })
      if (changed > 0) tx.afterCommit(onAdded)
      return changed > 0
    },
    discardDead: (id: string): Promise<boolean> =>
      db.withSystem(async (tx) => (await deleteDeadJob.run(tx, { id })) > 0),
  }
}
