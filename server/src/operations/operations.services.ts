import type { AuditVerification } from './audit-verification.ts'
import type { DeadJobs } from './dead-jobs.ts'
import type { SystemFigures } from './system-figures.ts'

/** What the routes of operations need. */
export interface OperationsServices {
  readonly systemFigures: () => Promise<SystemFigures>
  readonly deadJobs: DeadJobs
  readonly verification: Pick<AuditVerification, 'start'>
}
