import { bytes, defineTable, index, sealed, text, timestamptz, uuid } from '../db/index.ts'

/** Requests that want to be done at most once. */
export const idempotencyClaims = defineTable(
  'idempotency_claims',
  {
    id: uuid().primaryKey(),
    /** SHA-256 of owner, route and key. */
    claim_hash: bytes(32),
    /** Keyed digest of the request, in hex. */
    request_hash: text(64),
    /** Until when the request counts as running while it has no answer. */
    leased_until: timestamptz(),
    expires_at: timestamptz(),
  },
  {
    access: { kind: 'system' },
    indexes: [
      { kind: 'unique', name: 'idx_idempotency_claims_hash', columns: ['claim_hash'] },
      index('expires_at'),
    ],
  },
)

/** Their answers, apart, because anybody's transaction may add one: that an answer is there means the effect is. */
export const idempotencyAnswers = defineTable(
  'idempotency_answers',
  {
    claim_id: uuid().primaryKey().references('idempotency_claims', 'id', 'cascade'),
    answer: sealed(['claim_id', 'claim_id']),
    created_at: timestamptz(),
  },
  { access: { kind: 'internal' } },
)
