import { createHash, createHmac } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { KeySet, SecretKey } from '../crypto/key-ring.ts'
import { lengthPrefixed } from '../crypto/length-prefixed.ts'
import { equalDigests } from '../crypto/opaque-token.ts'
import type { SealBinding, Sealer } from '../crypto/sealed.ts'
import type { Db, Tx } from '../db/index.ts'
import { HOUR, MINUTE } from '../durations.ts'
import { httpErrors } from '../http/http-errors.ts'
import type {
  IdempotencyClaim,
  IdempotencyOutcome,
  IdempotencyStore,
  StoredAnswer,
} from '../http/idempotency.ts'
import type { Jobs } from '../jobs/jobs.ts'
import {
  deleteExpiredClaim,
  deleteExpiredClaims,
  deleteUnanswered,
  findClaim,
  insertAnswer,
  insertClaim,
  takeOverClaim,
} from './idempotency.store.ts'

const CLEAN_BATCH = 1_000

/**
 * Answers by idempotency key (C73), kept 24 hours and sealed at rest. A request that died without an answer may be done
 * again once its lease is over. Answers are small: with their status they must fit 64 KiB.
 */
export interface Idempotency extends IdempotencyStore {
  /**
   * Stores the answer in the transaction of the effect, a member's too: then both are there or neither is. Throws
   * `http.idempotency_in_flight` when another run of the same request has stored its answer first, and with it the
   * transaction must fail.
   */
  complete(tx: Tx, token: string, answer: StoredAnswer): Promise<void>
}

/** What the store is made with. */
export interface IdempotencyOptions {
  readonly db: Db
  readonly clock: Clock
  readonly newId: () => string
  readonly sealer: Sealer
  /** The ring's digest keys: requests may hold what a plain hash would let somebody guess. */
  readonly digestKeys: KeySet<SecretKey>
  /** How long a request without an answer counts as running; must exceed the longest request. Default 2 minutes. */
  readonly leaseMs?: number
  /** Default 24 hours. */
  readonly keepMs?: number
}

const binding = (claimId: string): SealBinding => ({
  table: 'idempotency_answers',
  record: claimId,
  owner: claimId,
  field: 'answer',
  version: 1,
})

const requestDigest = ({ key }: SecretKey, request: string): Buffer =>
  createHmac('sha256', key)
    .update(lengthPrefixed(['idempotency', request]))
    .digest()

/** Makes the idempotency store of one process; all processes on one database share the claims. */
export function createIdempotency(options: IdempotencyOptions): Idempotency {
  const { db, clock, newId, sealer, digestKeys, leaseMs = 2 * MINUTE, keepMs = 24 * HOUR } = options

  const isSame = (digest: string, request: string): boolean =>
    [...digestKeys.byId.values()].some((key) =>
      equalDigests(requestDigest(key, request), Buffer.from(digest, 'hex')),
    )

  const resume = async (
    tx: Tx,
    claimHash: Uint8Array,
    claim: IdempotencyClaim,
  ): Promise<IdempotencyOutcome> => {
    const found = await findClaim.first(tx, { claim_hash: claimHash })
    if (!found) return { outcome: 'in-flight' }
    if (!isSame(found.request_hash, claim.request)) return { outcome: 'mismatch' }
    if (found.answer !== null) {
      const answer = Buffer.from(sealer.open(binding(found.id), found.answer)).toString()
      return { outcome: 'replay', answer: JSON.parse(answer) }
    }
    const now = clock.now()
    const taken = await takeOverClaim.run(tx, { id: found.id, now, leased_until: after(now, leaseMs) })
    return taken > 0 ? { outcome: 'started', token: found.id } : { outcome: 'in-flight' }
  }

  const store = (tx: Tx, token: string, answer: StoredAnswer) => {
    const { status, contentType, body, etag } = answer
    const sealed = sealer.seal(binding(token), JSON.stringify({ status, contentType, body, etag }))
    return insertAnswer.run(tx, { claim_id: token, answer: sealed, now: clock.now() })
  }

  return {
    begin(claim) {
      const claim_hash = createHash('sha256')
        .update(lengthPrefixed([claim.scope, claim.key]))
        .digest()
      return db.withSystem(async (tx) => {
        const now = clock.now()
        const id = newId()
        const request_hash = requestDigest(digestKeys.current, claim.request).toString('hex')
        const added = { id, claim_hash, request_hash }
        await deleteExpiredClaim.run(tx, { claim_hash, now })
        const isNew = await insertClaim.run(tx, {
          ...added,
          leased_until: after(now, leaseMs),
          expires_at: after(now, keepMs),
        })
        return isNew > 0 ? { outcome: 'started', token: id } : resume(tx, claim_hash, claim)
      })
    },
    async finish(token, answer) {
      await db.withSystem((tx) => store(tx, token, answer))
    },
    async release(token) {
      await db.withSystem((tx) => deleteUnanswered.run(tx, { id: token }))
    },
    async complete(tx, token, answer) {
      if ((await store(tx, token, answer)) === 0) {
        throw httpErrors.idempotencyInFlight({}, { headers: { 'retry-after': '1' } })
      }
    },
  }
}

const after = (at: Date, ms: number): Date => new Date(at.getTime() + ms)

/** Registers the hourly job that forgets claims whose time is over. */
export function cleanIdempotency(jobs: Pick<Jobs, 'repeat'>, { db, clock }: { db: Db; clock: Clock }): void {
  jobs.repeat('idempotency.clean', HOUR, async () => {
    const deleteBatch = () =>
      db.withSystem((tx) => deleteExpiredClaims.run(tx, { now: clock.now(), limit: CLEAN_BATCH }))
    while ((await deleteBatch()) === CLEAN_BATCH);
  })
}
