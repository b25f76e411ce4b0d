import { auditEvents } from '../platform/audit/audit.table.ts'
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
