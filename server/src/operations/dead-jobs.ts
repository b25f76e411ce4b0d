import type { Audit, AuditEntry } from '../platform/audit/audit.ts'
import type { Db } from '../platform/db/index.ts'
import type { DeadJob } from '../platform/jobs/job-queue.ts'
import type { Jobs } from '../platform/jobs/jobs.ts'
import type { Page, PageQuery, ReadPage } from '../platform/paging/read-page.ts'
import { operationsErrors } from './operations.errors.ts'

/** The operator who asks: who, in which session, from where. */
export type Operator = Pick<AuditEntry, 'actorId' | 'sessionId' | 'address' | 'requestId'>

export interface DeadJobsOptions {
  readonly db: Db
  readonly jobs: Pick<Jobs, 'counts' | 'listDead' | 'listDeadAfter' | 'isDead' | 'retryDead'>
  readonly audit: Audit
  readonly readPage: ReadPage
}

export type DeadJobs = ReturnType<typeof createDeadJobs>

/** Work that was given up, and another go for it. */
export function createDeadJobs({ db, jobs, audit, readPage }: DeadJobsOptions) {
  return {
    /** The latest first. Throws `operations.cursor_invalid`. */
    list(query: PageQuery): Promise<Page<DeadJob>> {
      return readPage<DeadJob>(
        {
          name: 'dead jobs',
          positionOf: ({ dead_at, created_at, id }) => ({ createdAt: dead_at ?? created_at, id }),
          listFrom: (page) => jobs.listDead(page),
          listAfter: ({ createdAt: diedAt, ...page }) => jobs.listDeadAfter({ ...page, diedAt }),
          count: async () => (await jobs.counts()).reduce((sum, { dead }) => sum + dead, 0),
        },
        query,
      )
    },

    /** Throws `operations.job_not_found` and `operations.job_replaced`. */
    retry(by: Operator, id: string): Promise<void> {
      return db.withSystem(async (tx) => {
        if (!(await jobs.retryDead(tx, id))) {
          throw (await jobs.isDead(tx, id)) ? operationsErrors.jobReplaced() : operationsErrors.jobNotFound()
        }
        await audit.record(tx, {
          action: 'job.retried',
          result: 'ok',
          ...by,
          objectType: 'job',
          objectId: id,
        })
      })
    },
  }
}
