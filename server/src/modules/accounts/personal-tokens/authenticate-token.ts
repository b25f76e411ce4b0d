import { createAddressRanges } from '../../../platform/address-ranges.ts'
import type { Audit } from '../../../platform/audit/audit.ts'
import { createBatchLoader } from '../../../platform/batch-loader.ts'
import type { Clock } from '../../../platform/clock.ts'
import { digestToken } from '../../../platform/crypto/opaque-token.ts'
import type { Db } from '../../../platform/db/index.ts'
import { HOUR, MINUTE } from '../../../platform/durations.ts'
import { tokenRateLimited } from '../accounts.errors.ts'
import { findTokenUsers, noteTokenUse, type TokenUserRow } from './personal-token.store.ts'
import { createSeldom } from './seldom.ts'

const MAX_KEYS = 10_000
const MOST_AT_ONCE = 100

/** Where a request came from. */
export interface TokenUse {
  readonly requestId: string
  readonly clientAddress: string
}

/** Counts what all processes count together. */
export interface TokenRates {
  take(key: string, rule: { readonly max: number; readonly windowMs: number }): RateState | Promise<RateState>
}

interface RateState {
  readonly allowed: boolean
  readonly resetMs: number
}

type Reason = 'revoked' | 'expired' | 'address'

/**
 * Whose personal access token this is, read anew for every request; `undefined` when it is nobody's, has ended, or was
 * not made for where the request comes from. Throws `accounts.token_rate_limited`.
 */
export type AuthenticateToken = (text: string, use: TokenUse) => Promise<TokenUserRow | undefined>

export function createAuthenticateToken(options: {
  readonly db: Db
  readonly clock: Clock
  readonly audit: Audit
  readonly rates: TokenRates
}): AuthenticateToken {
  const { db, clock, audit, rates } = options
  const find = createBatchLoader((hashes) => findTokenUsers(db.asSystem(), hashes), MOST_AT_ONCE)
  const mayNoteUse = createSeldom({ clock, everyMs: MINUTE, maxKeys: MAX_KEYS })
  const mayTellRefusal = createSeldom({ clock, everyMs: HOUR, maxKeys: MAX_KEYS })

  // Note: nobody waits for it, and one that fails is made up for by the next use.
  const noteUse = ({ token_id: id, token_last_used_at: lastUse }: TokenUserRow) => {
    const now = clock.now()
    const before = new Date(now.getTime() - MINUTE)
    if ((lastUse !== null && lastUse >= before) || !mayNoteUse(id)) return
    db.withSystem((tx) => noteTokenUse(tx, { id, now, before })).catch(() => undefined)
  }

  // Note: a program whose token has ended goes on sending it; the log hears of each once an hour and process. What comes
  // from elsewhere is told apart, so that an ended token hides no thief.
  const tellRefusal = async (found: TokenUserRow, reason: Reason, use: TokenUse) => {
    if (!mayTellRefusal(reason === 'address' ? `${found.token_id} ${reason}` : found.token_id)) return
    await db.withSystem((tx) =>
      audit.record(tx, {
        action: 'personal_token.used',
        result: 'refused',
        actorId: found.id,
        address: use.clientAddress,
        requestId: use.requestId,
        objectType: 'personal_token',
        objectId: found.token_id,
        details: { reason },
      }),
    )
  }

  const refusalOf = (found: TokenUserRow, { clientAddress }: TokenUse): Reason | undefined => {
    const { token_revoked_at, token_expires_at, token_address_ranges: ranges } = found
    if (token_revoked_at !== null) return 'revoked'
    if (token_expires_at === null || token_expires_at <= clock.now()) return 'expired'
    return ranges.length > 0 && !createAddressRanges(ranges).includes(clientAddress) ? 'address' : undefined
  }

  // Note: as its owner bound it, whether or not the server counts requests at all.
  const countUse = async ({ token_id: id, token_rate_per_minute: max }: TokenUserRow) => {
    if (max === null) return
    const { allowed, resetMs } = await rates.take(`personal-token\n${id}`, { max, windowMs: MINUTE })
    if (!allowed) throw tokenRateLimited(max, resetMs)
  }

  return async (text, use) => {
    const found = await find(digestToken(text).toString('hex'))
    if (!found) return undefined
    const reason = refusalOf(found, use)
    if (reason) {
      await tellRefusal(found, reason, use)
      return undefined
    }
    await countUse(found)
    noteUse(found)
    return found
  }
}
