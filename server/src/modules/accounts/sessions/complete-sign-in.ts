import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Tx } from '../../../platform/db/index.ts'
import { aboutUser, askedFrom } from '../accounts.audit.ts'
import type { ClientFacts } from '../client-facts.ts'
import type { Notify } from '../notices.ts'
import { recordSignIn } from '../users/user.store.ts'
import type { UserRow } from '../users/user.table.ts'
import { insertSession, listOpenSessions, revokeSession, surveySessions } from './session.store.ts'
import type { IssuedTokens, SessionTokens } from './session-tokens.ts'
import type { SignedInUsers } from './signed-in-users.ts'

const SESSIONS_MAX = 20 // C33

export interface CompletedSignIn {
  readonly user: UserRow
  /** What was proven, RFC 8176: `pwd`, `otp`, `kba` for a backup code, `hwk` or `swk` for a passkey. */
  readonly methods: readonly string[]
  readonly client: ClientFacts
  /** The name of the audit entry: `sign_in.password`, `sign_in.second_factor`, `sign_in.passkey`. */
  readonly action: string
}

/** Opens the session of a member who has proven every factor, and gives its tokens. */
export type CompleteSignIn = (tx: Tx, signIn: CompletedSignIn) => Promise<IssuedTokens>

/**
 * The one end of every way to sign in: the session and its tokens, the oldest session out when there are too many, a
 * notice when the device is new, the audit entry. The caller has checked, in this transaction, that the member may hold a
 * session.
 */
export function createCompleteSignIn(options: {
  readonly clock: Clock
  readonly tokens: SessionTokens
  readonly audit: Audit
  readonly notify: Notify
  readonly signedInUsers: SignedInUsers
}): CompleteSignIn {
  const { clock, tokens, audit, notify, signedInUsers } = options

  const endOldest = async (tx: Tx, userId: string) => {
    const now = clock.now()
    const open = await listOpenSessions(tx, { userId, now })
    for (const { id } of open.slice(SESSIONS_MAX - 1)) await revokeSession(tx, { id, now, reason: 'limit' })
  }

  return async (tx, { user, methods, client, action }) => {
    const { userAgent, address } = client
    const now = clock.now()
    const { open, isNewDevice } = await surveySessions(tx, { userId: user.id, userAgent, now })
    if (isNewDevice) await notify(tx, user, { kind: 'newDevice', facts: { address, userAgent } })
    if (open >= SESSIONS_MAX) await endOldest(tx, user.id)
    signedInUsers.changed(tx, user.id)
    const session = tokens.begin({ user, methods, client })
    const entry = {
      action,
      result: 'ok',
      factor: methods.join(' '),
      actorId: user.id,
      sessionId: session.id,
      ...aboutUser(user.id),
      ...askedFrom(client),
    } as const
    // Note: none of them needs to know how the others went, so they are on their way together.
    await Promise.all([
      insertSession(tx, session),
      recordSignIn(tx, user.id, { now, address }),
      audit.record(tx, entry),
    ])
    return tokens.issue(session)
  }
}
