import type { Audit } from '../platform/audit/audit.ts'
import type { SignedCursors } from '../platform/crypto/signed-cursor.ts'
import type { Jobs } from '../platform/jobs/jobs.ts'
import type { Logger } from '../platform/log/logger.ts'
import { createReadPage } from '../platform/paging/read-page.ts'
import { createAuditVerification, type VerifyAuditLog } from './audit-verification.ts'
import { createDeadJobs } from './dead-jobs.ts'
import { operationsErrors } from './operations.errors.ts'
import { operationsRoutes } from './routes/operations.routes.ts'
import { createSystemFigures, type SystemFiguresOptions } from './system-figures.ts'

export type { VerifyAuditLog } from './audit-verification.ts'
export { verifyByCommand } from './verify-by-command.ts'
export { operationsErrors }

/** What operations are built from. */
export interface OperationsDependencies extends Omit<SystemFiguresOptions, 'jobs' | 'verification'> {
  readonly jobs: Jobs
  readonly audit: Audit
  readonly cursors: SignedCursors
  readonly log: Pick<Logger, 'error'>
  /** Absent in a process that cannot verify the audit log. */
  readonly verifyAuditLog: VerifyAuditLog | undefined
}

/** What operators see and do over HTTP: figures of the server, work that was given up, a look at the audit log. */
export function createOperations(dependencies: OperationsDependencies) {
  const { cursors, verifyAuditLog: verify } = dependencies
  const readPage = createReadPage(cursors, operationsErrors.cursorInvalid)
  const verification = createAuditVerification({ ...dependencies, verify })
  return {
    routes: operationsRoutes({
      systemFigures: createSystemFigures({ ...dependencies, verification }),
      deadJobs: createDeadJobs({ ...dependencies, readPage }),
      verification,
    }),
  }
}
