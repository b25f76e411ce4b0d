import { findAuditFault } from '../../platform/audit/audit-fault.ts'
import type { Db } from '../../platform/db/index.ts'
import { type Finding, fail, ok } from './finding.ts'

/** Whether the audit log is, entry by entry, what was written. */
export async function auditFinding(db: Db): Promise<Finding> {
  const fault = await findAuditFault(db.asSystem())
  if (fault !== undefined) return fail('audit', `The audit log was tampered with or damaged. ${fault}`)
  return ok('audit', 'The audit log is whole.')
}
