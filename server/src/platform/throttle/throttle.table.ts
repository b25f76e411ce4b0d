import {
  array,
  bigint,
  bytes,
  defineTable,
  index,
  integer,
  type Row,
  text,
  timestamptz,
} from '../db/index.ts'

/** Failed attempts per subject. The subject is a keyed digest: the table does not tell whose names were tried. */
export const throttleCounters = defineTable(
  'throttle_counters',
  {
    scope: text(50),
    subject: bytes(32),
    /** Failures since the last success. */
    consecutive: integer().default(0),
    /** When the latest failures were, in milliseconds since 1970, as many as the policy's window counts. */
    recent: array(bigint()).default([]),
    /** No attempt before this. */
    not_before: timestamptz().nullable(),
    last_at: timestamptz(),
  },
  { access: { kind: 'system' }, primaryKey: ['scope', 'subject'], indexes: [index('last_at')] },
)

/** Requests per key in the window that is running, for limits that all processes share. */
export const rateWindows = defineTable(
  'rate_windows',
  { subject: bytes(32).primaryKey(), hits: integer(), ends_at: timestamptz() },
  { access: { kind: 'system' }, indexes: [index('ends_at')] },
)

/** A stored counter. */
export type ThrottleCounterRow = Row<typeof throttleCounters>
