import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import { digestToken } from '../../../platform/crypto/opaque-token.ts'
import type { Db } from '../../../platform/db/index.ts'
import { HOUR, MINUTE } from '../../../platform/durations.ts'
import { findTokenUser, noteTokenUse, type TokenUserRow } from './personal-token.store.ts'
import { createSeldom } from './seldom.ts'

const MAX_KEYS = 10_000

/** Where a request came from. */
export interface TokenUse {
  readonly requestId: string
  readonly clientAddress: string
}

/** Whose personal access token this is, read anew for every request; `undefined` when it is nobody's or has ended. */
export type AuthenticateToken = (text: string, use: TokenUse) => Promise<TokenUserRow | undefined>

export function createAuthenticateToken(options: {
  readonly db: Db
  readonly clock: Clock
  readonly audit: Audit
}): AuthenticateToken {
  const { db, clock, audit } = options
  const mayNoteUse = createSeldom({ clock, everyMs: MINUTE, maxKeys: MAX_KEYS })
  const mayTellRefusal = createSeldom({ clock, everyMs: HOUR, maxKeys: MAX_KEYS })

  // Note: nobody waits for it, and one that fails is made up for by the next use.
  const noteUse = ({ token_id: id, token_last_used_at: lastUse }: TokenUserRow) => {
    const now = clock.now()
    const before = new Date(now.getTime() - MINUTE)
    if ((lastUse !== null && lastUse >= before) || !mayNoteUse(id)) return
    db.withSystem((tx) => noteTokenUse(tx, { id, now, before })).catch(() => undefined)
  }

  // Note: a program whose token has ended goes on sending it; the log hears of each once an hour and process.
  const tellRefusal = async (found: TokenUserRow, reason: 'revoked' | 'expired', use: TokenUse) => {
    if (!mayTellRefusal(found.token_id)) return
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

  const endOf = ({ token_revoked_at, token_expires_at }: TokenUserRow): 'revoked' | 'expired' | undefined => {
    if (token_revoked_at !== null) return 'revoked'
    return token_expires_at === null || token_expires_at <= clock.now() ? 'expired' : undefined
  }

  return async (text, use) => {
    const found = await findTokenUser(db.asSystem(), digestToken(text))
    if (!found) return undefined
    const reason = endOf(found)
    if (reason) {
      await tellRefusal(found, reason, use)
      return undefined
    }
    noteUse(found)
    return found
  }
}
