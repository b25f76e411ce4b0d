import { createSql } from '../db/index.ts'
import { idempotencyAnswers, idempotencyClaims } from './idempotency.table.ts'

const sql = createSql(idempotencyClaims, idempotencyAnswers)

/** A claim as it is first written. */
export interface NewClaim {
  id: string
  claim_hash: Uint8Array
  request_hash: string
  leased_until: Date
  expires_at: Date
}

/** Says 1, or 0 when there is a claim of this hash; waits for a transaction that is just making one. */
export const insertClaim = sql.write((p: NewClaim) =>
  sql.builder
    .insertInto('idempotency_claims')
    .values({
      id: p.id,
      claim_hash: p.claim_hash,
      request_hash: p.request_hash,
      leased_until: p.leased_until,
      expires_at: p.expires_at,
    })
    .onConflict((conflict) => conflict.doNothing()),
)

/** Makes room for a new claim of the same hash. */
export const deleteExpiredClaim = sql.write((p: { claim_hash: Uint8Array; now: Date }) =>
  sql.builder
    .deleteFrom('idempotency_claims')
    .where('claim_hash', '=', p.claim_hash)
    .where('expires_at', '<=', p.now),
)

/** A claim with its answer, if it has one. */
export const findClaim = sql.read((p: { claim_hash: Uint8Array }) =>
  sql
    .from('idempotency_claims')
    .leftJoin('idempotency_answers', 'idempotency_answers.claim_id', 'idempotency_claims.id')
    .select([
      'idempotency_claims.id',
      'idempotency_claims.request_hash',
      'idempotency_claims.leased_until',
      'idempotency_answers.answer',
    ])
    .where('claim_hash', '=', p.claim_hash),
)

/** Takes over a request whose process died; says 0 when somebody else did. */
export const takeOverClaim = sql.write((p: { id: string; now: Date; leased_until: Date }) =>
  sql.builder
    .updateTable('idempotency_claims')
    .set({ leased_until: p.leased_until })
    .where('id', '=', p.id)
    .where('leased_until', '<=', p.now),
)

/** Deletes a claim without an answer. */
export const deleteUnanswered = sql.write((p: { id: string }) =>
  sql.builder
    .deleteFrom('idempotency_claims')
    .where('id', '=', p.id)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('idempotency_answers')
            .select('claim_id')
            .whereRef('idempotency_answers.claim_id', '=', 'idempotency_claims.id'),
        ),
      ),
    ),
)

/** Says 0 when the claim has an answer. No RETURNING: members may only add. */
export const insertAnswer = sql.write((p: { claim_id: string; answer: Uint8Array; now: Date }) =>
  sql.builder
    .insertInto('idempotency_answers')
    .values({ claim_id: p.claim_id, answer: p.answer, created_at: p.now })
    .onConflict((conflict) => conflict.doNothing()),
)

/** Deletes at most `limit` claims whose time is over, with their answers. */
export const deleteExpiredClaims = sql.write((p: { now: Date; limit: number }) =>
  sql.builder
    .deleteFrom('idempotency_claims')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('idempotency_claims as old')
        .select('old.id')
        .where('old.expires_at', '<=', p.now)
        .limit(p.limit),
    ),
)
