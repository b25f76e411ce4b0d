import { defineMigration } from '../db/index.ts'

const create = `create index "idx_audit_events_of_owners" on "audit_events" ("actor_id", "seq") where object_type in ('passkey', 'personal_token', 'session', 'trading_account') or object_type = 'credential' and action in ('credential.changed', 'credential.deleted', 'credential.rotated', 'credential.stored')`

/** What members did to what is theirs, apart from the uses of their keys, which are nearly all of what they do. */
export const platformAuditOfOwners = defineMigration({
  id: '20261122-0900-platform-audit-of-owners',
  steps: [{ sqlite: [create], postgres: [create] }],
})
