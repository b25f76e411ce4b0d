import { defineMigration } from '../db/index.ts'

const create = `create index "idx_audit_events_of_pairs" on "audit_events" ("object_id", "seq") where action in ('credential.deleted', 'credential.rotated') and result = 'ok'`

/** What ended the time of a stored pair of keys, for the vault to find at a use. */
export const platformAuditOfPairs = defineMigration({
  id: '20261122-1900-platform-audit-of-pairs',
  steps: [{ sqlite: [create], postgres: [create] }],
})
