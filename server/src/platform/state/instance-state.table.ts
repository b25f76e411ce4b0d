import { defineTable, text, timestamptz } from '../db/index.ts'

/** Facts about this instance as a whole, by name. */
export const instanceState = defineTable(
  'instance_state',
  { name: text(64).primaryKey(), value: text(65_536), updated_at: timestamptz() },
  { access: { kind: 'system' } },
)
