import type { Clock } from '../../../platform/clock.ts'
import type { Db } from '../../../platform/db/index.ts'
import { statusAt } from '../users/standing.ts'
import { findOpenSessions } from './open-session.store.ts'
import type { SignedInUsers } from './signed-in-users.ts'

/** What somebody asks whose work for a session goes on after the request. */
export interface SessionWatch {
  /**
   * Which of these sessions, by their ids, let an active member in at this moment. Nothing that was remembered is trusted;
   * several hundred are one statement.
   */
  whichAreOpen(sessionIds: readonly string[]): Promise<ReadonlySet<string>>
  /** Calls `react` with each member who changed or of whom a session ended, on any node; some may be missed. */
  onMemberChanged(react: (userId: string) => void): void
}

export interface SessionWatchOptions {
  readonly db: Db
  readonly clock: Clock
  readonly signedInUsers: Pick<SignedInUsers, 'onChanged'>
}

export function createSessionWatch({ db, clock, signedInUsers }: SessionWatchOptions): SessionWatch {
  return {
    async whichAreOpen(sessionIds) {
      const now = clock.now()
      const found = await findOpenSessions(db.asSystem(), { ids: [...new Set(sessionIds)], now })
      const open = found.filter((session) => statusAt(session, now) === 'active')
      return new Set(open.map(({ session_id }) => session_id))
    },
    onMemberChanged: (react) => signedInUsers.onChanged(react),
  }
}
