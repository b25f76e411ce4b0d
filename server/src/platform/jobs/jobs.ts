import { Type } from 'typebox'
import type { Clock } from '../clock.ts'
import type { Sealer } from '../crypto/sealed.ts'
import type { Db, Tx } from '../db/index.ts'
import { SECOND } from '../durations.ts'
import type { Logger } from '../log/logger.ts'
import { type JobHandler, JobHandlers } from './job-handlers.ts'
import { defineJob, type JobKind } from './job-kind.ts'
import { createJobQueue, type DeadJob, type JobCounts, type JobRequest } from './job-queue.ts'
import { JobWorker } from './job-worker.ts'

/**
 * Work after the request: added in the caller's transaction, done at least once after it commits, never when it rolls
 * back. A job runs on one worker at a time as long as that worker keeps its lease; after a crash it runs again, so a
 * handler must bear to be run twice: by `run.complete(tx)` for what it writes to this database, by `run.idempotencyKey`
 * for everything else. Jobs are started in the order of their time, but overtake each other.
 */
export interface Jobs {
  /**
   * Adds a job; says its id, or `undefined` when an unfinished one of its kind has the same key. Works in every
   * transaction, a member's too. Throws `InvalidPayloadError` for a payload that is not as declared.
   */
  enqueue<P>(tx: Tx, request: JobRequest<P>): Promise<string | undefined>
  /** Registers the one handler of a kind. A process claims only kinds it has a handler for. */
  handle<P>(kind: JobKind<P>, handler: JobHandler<P>): void
  /** Work done again and again, `everyMs` after it was last done, by one node of all. `name` as for `defineJob`. */
  repeat(name: string, everyMs: number, handler: JobHandler<Record<string, never>>): void
  /** Dead letters, the newest first, without their payloads. */
  listDead(page?: { limit?: number; skip?: number }): Promise<DeadJob[]>
  /** The page of dead letters behind a known one, at the same cost on every page. */
  listDeadAfter(page: { diedAt: Date; id: string; limit: number }): Promise<DeadJob[]>
  /** Whether there is such a dead letter; the transaction must be the system's. */
  isDead(tx: Tx, id: string): Promise<boolean>
  /**
   * Gives a dead letter all its attempts again, at once after the commit; the transaction must be the system's. Says whether
   * there was one and no newer job has its key.
   */
  retryDead(tx: Tx, id: string): Promise<boolean>
  /** Deletes a dead letter. Says whether there was one. */
  discardDead(id: string): Promise<boolean>
  /** For metrics. */
  counts(): Promise<JobCounts[]>
  /** Starts to work by itself. A process that never starts still adds jobs. */
  start(): Promise<void>
  /** Takes no more work and waits for what runs; after `graceMs` (default 30 s) aborts it, to be done again later. */
  stop(graceMs?: number): Promise<void>
  /** For tests and commands: runs everything that is due by the clock until nothing is; says how many attempts it made. */
  settle(): Promise<number>
  /** Keeps the leases of running jobs; done by a timer after `start`. */
  renewLeases(): Promise<void>
}

/** What the jobs of one process are made with. */
export interface JobsOptions {
  readonly db: Db
  readonly clock: Clock
  readonly newId: () => string
  readonly sealer: Sealer
  readonly log: Pick<Logger, 'warn' | 'error'>
  /** How many jobs run at once in this process; default 4. */
  readonly concurrency?: number
  /** Default 60 s. */
  readonly leaseMs?: number
  /** Default 1 s. */
  readonly pollMs?: number
  /** In [0, 1); default `Math.random`. */
  readonly random?: () => number
}

/** Makes the jobs of one process. Does nothing by itself before `start`. */
export function createJobs(options: JobsOptions): Jobs {
  const { db, sealer } = options
  const handlers = new JobHandlers(sealer)
  const worker = new JobWorker({
    random: Math.random,
    concurrency: 4,
    leaseMs: 60 * SECOND,
    pollMs: SECOND,
    ...options,
    handlers,
  })
  const queue = createJobQueue({ ...options, onAdded: () => worker.wake() })
  const repeated: JobKind<Record<string, never>>[] = []

  const addRepeated = async () => {
    if (repeated.length === 0) return
    await db.transaction(async (tx) => {
      for (const kind of repeated) await queue.enqueue(tx, { kind, payload: {}, key: 'repeat' })
    })
  }
  return {
    ...queue,
    handle: (kind, handler) => handlers.add(kind, handler),
    repeat(name, everyMs, handler) {
      const kind = defineJob(name, { payload: Type.Record(Type.String(), Type.Never()) })
      handlers.add(kind, handler, everyMs)
      repeated.push(kind)
    },
    async start() {
      await addRepeated()
      worker.start()
    },
    stop: (graceMs = 30 * SECOND) => worker.stop(graceMs),
    async settle() {
      await addRepeated()
      return worker.settle()
    },
    renewLeases: () => worker.renewLeases(),
  }
}
