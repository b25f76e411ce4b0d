import { defineMigration } from '../db/index.ts'

const drops = ['drop index "idx_audit_events_actor_id_seq"', 'drop index "idx_audit_events_action_seq"']

/** Takes away what every entry of the log was written into and nothing reads. */
export const platformAuditUnreadIndexes = defineMigration({
  id: '20261123-0100-platform-audit-unread-indexes',
  steps: [{ sqlite: drops, postgres: drops }],
})
