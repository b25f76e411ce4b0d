import type { Audit } from './platform/audit/audit.ts'
import type { Db } from './platform/db/index.ts'
import { HOUR } from './platform/durations.ts'
import { MemoryRateLimitStore } from './platform/http/rate-limit.ts'
import type { OnRefused } from './platform/http/refusals.ts'

// Note: so that asking for what is not allowed fills nobody's disk; whoever keeps trying shows in these.
const ENTRIES = { max: 20, windowMs: HOUR } as const
const MAX_ACCOUNTS = 10_000

/** Puts into the audit log who was refused what (C76): of each account at most 20 entries an hour on each node. */
export function createAuditRefusals({ db, audit }: { db: Db; audit: Audit }): OnRefused {
  const counts = new MemoryRateLimitStore({ maxKeys: MAX_ACCOUNTS })
  return async ({ actor, route, code, address, requestId }) => {
    if (!counts.take(actor.id, ENTRIES).allowed) return
    await db.withSystem((tx) =>
      audit.record(tx, {
        action: 'access.refused',
        result: 'refused',
        actorId: actor.id,
        ...(actor.sessionId === undefined ? {} : { sessionId: actor.sessionId }),
        objectType: 'user',
        objectId: actor.id,
        address,
        requestId,
        details: { route, code, ...(actor.token === undefined ? {} : { token_id: actor.token.id }) },
      }),
    )
  }
}
