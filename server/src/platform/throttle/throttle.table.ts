import { bytes, defineTable, index, integer, text, timestamptz } from '../db/index.ts'

/** Failures by a keyed digest of what they were tried on, so that the table names nobody. */
export const throttleCounters = defineTable(
  'throttle_counters',
  {
    key: bytes(32).primaryKey(),
    scope: text(32),
    consecutive_failures: integer().default(0),
    window_started_at: timestamptz(),
    window_failures: integer().default(0),
    not_before: timestamptz().nullable(),
    updated_at: timestamptz(),
  },
  { access: { kind: 'system' }, indexes: [index('updated_at')] },
)

/** Requests of an address or account in its present window, for limits that all processes share. */
export const rateWindows = defineTable(
  'rate_windows',
  { key: bytes(32).primaryKey(), requests: integer(), ends_at: timestamptz() },
  { access: { kind: 'system' }, indexes: [index('ends_at')] },
)
