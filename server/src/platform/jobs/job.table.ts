import { Type } from 'typebox'
import { defineTable, integer, jsonb, type Row, sealed, text, timestamptz, uuid } from '../db/index.ts'

/**
 * Work that is still to be done, and events on their way to one listener each. A row is deleted once its work is done,
 * so that what it carried does not outlive its use.
 */
export const jobs = defineTable(
  'jobs',
  {
    id: uuid().primaryKey(),
    kind: text(200),
    /** At most one unfinished job of a kind has a given key. */
    dedupe_key: text(255).nullable(),
    payload: jsonb(Type.Unknown()).nullable(),
    sealed_payload: sealed(['id', 'kind']).nullable(),
    run_at: timestamptz(),
    /** When it may be claimed: the time asked for, the next attempt, or the end of the running attempt's lease. */
    due_at: timestamptz(),
    attempts: integer().default(0),
    /** Whose attempt is running; a worker that lost its lease finds another token here, or none. */
    lease_token: uuid().nullable(),
    last_error: text(500).nullable(),
    /** Set on dead letters: work that was given up. */
    dead_at: timestamptz().nullable(),
    created_at: timestamptz(),
  },
  {
    access: { kind: 'internal' },
    indexes: [
      { kind: 'index', name: 'idx_jobs_due', columns: ['due_at', 'id'], where: 'dead_at is null' },
      { kind: 'index', name: 'idx_jobs_dead', columns: ['dead_at', 'id'], where: 'dead_at is not null' },
      { kind: 'unique', name: 'idx_jobs_dedupe', columns: ['kind', 'dedupe_key'], where: 'dead_at is null' },
    ],
    checks: [{ name: 'one_payload', expression: '(payload is null) <> (sealed_payload is null)' }],
  },
)

/** A stored job. */
export type JobRow = Row<typeof jobs>
