import { auditEvents } from '../platform/audit/audit.table.ts'
import { findAuditFault } from '../platform/audit/audit-fault.ts'
import { createSql } from '../platform/db/index.ts'
import type { CommandInstance } from './run-command.ts'
import { withDatabaseOf } from './seed-members.ts'

const sql = createSql(auditEvents)
const ofAction = sql.read((p: { action: string }) =>
  sql.from('audit_events').selectAll().where('action', '=', p.action).orderBy('seq'),
)

/** What the audit log of an instance says of one kind of action, the first first. */
export function auditEntriesOf(instance: Pick<CommandInstance, 'env'>, action: string) {
  return withDatabaseOf(instance, (db) => ofAction.all(db.asSystem(), { action }))
}

/** What is wrong with the chain of an instance's audit log; nothing when it is sound. */
export function auditFaultOf(instance: Pick<CommandInstance, 'env'>) {
  return withDatabaseOf(instance, (db) => findAuditFault(db.asSystem()))
}
