import { auditEvents, auditHead } from './audit/audit.table.ts'
import type { AnyTable, Migration } from './db/index.ts'
import { idempotencyAnswers, idempotencyClaims } from './idempotency/idempotency.table.ts'
import { jobs } from './jobs/job.table.ts'
import { platformJobs } from './migrations/20261121-0800-platform-jobs.ts'
import { platformIdempotency } from './migrations/20261121-0801-platform-idempotency.ts'
import { platformThrottle } from './migrations/20261121-0802-platform-throttle.ts'
import { platformAudit } from './migrations/20261121-0803-platform-audit.ts'
import { platformState } from './migrations/20261121-0804-platform-state.ts'
import { platformAuditOfOwners } from './migrations/20261122-0900-platform-audit-of-owners.ts'
import { platformAuditOfPairs } from './migrations/20261122-1900-platform-audit-of-pairs.ts'
import { platformAuditUnreadIndexes } from './migrations/20261123-0100-platform-audit-unread-indexes.ts'
import { instanceState } from './state/instance-state.table.ts'
import { rateWindows, throttleCounters } from './throttle/throttle.table.ts'

/** The tables of the platform's own services. */
export const platformTables: readonly AnyTable[] = [
  jobs,
  idempotencyClaims,
  idempotencyAnswers,
  throttleCounters,
  rateWindows,
  auditEvents,
  auditHead,
  instanceState,
]

/** Their history, in order. */
export const platformMigrations: readonly Migration[] = [
  platformJobs,
  platformIdempotency,
  platformThrottle,
  platformAudit,
  platformState,
  platformAuditOfOwners,
  platformAuditOfPairs,
  platformAuditUnreadIndexes,
]
