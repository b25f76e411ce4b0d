import { type BoundRoute, bindRoutes } from '../../platform/http/route.ts'
import type { OperationsServices } from '../operations.services.ts'
import { getSystemRoute } from './get-system.route.ts'
import { listJobsRoute } from './list-jobs.route.ts'
import { retryJobRoute } from './retry-job.route.ts'
import { verifyAuditRoute } from './verify-audit.route.ts'

/** The routes of operations by the names of their contract. */
export function operationsRoutes(services: OperationsServices): BoundRoute[] {
  return bindRoutes(services, {
    getSystem: getSystemRoute,
    listJobs: listJobsRoute,
    retryJob: retryJobRoute,
    verifyAudit: verifyAuditRoute,
  })
}
