import { asError } from '../../../platform/as-error.ts'
import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import { parseRefreshToken } from '../../../platform/crypto/refresh-token.ts'
import type { Db } from '../../../platform/db/index.ts'
import type { Logger } from '../../../platform/log/logger.ts'
import type { Page, PageQuery, ReadPage } from '../../../platform/paging/read-page.ts'
import { shortList } from '../../../platform/paging/short-list.ts'
import { aboutUser, askedFrom } from '../accounts.audit.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { ClientFacts } from '../client-facts.ts'
import { lockUser } from '../users/user.store.ts'
import type { EndAccess } from './end-access.ts'
import { endOwnSession, findSession, listOpenSessions } from './session.store.ts'
import type { SessionRow } from './session.table.ts'
import type { SessionTokens } from './session-tokens.ts'
import type { SessionOf, SignedInUsers } from './signed-in-users.ts'

export interface SessionsOptions {
  readonly db: Db
  readonly clock: Clock
  readonly tokens: Pick<SessionTokens, 'issuerOf'>
  readonly audit: Audit
  readonly endAccess: EndAccess
  readonly signedInUsers: SignedInUsers
  readonly readPage: ReadPage
  readonly log: Pick<Logger, 'error'>
}

/** The open sessions of a member: seeing them, ending one, signing out. What ends here is refused from the next request on. */
export function createSessions(options: SessionsOptions) {
  const { db, clock, tokens, audit, endAccess, signedInUsers, readPage, log } = options

  const factsOf = ({ userId, sessionId }: SessionOf, client: ClientFacts) => ({
    actorId: userId,
    sessionId,
    ...askedFrom(client),
  })

  const isOpen = (session: SessionRow): boolean => {
    const now = clock.now()
    return session.revoked_at === null && session.expires_at > now && session.idle_expires_at > now
  }

  const endOne = async (actor: SessionOf, sessionId: string, client: ClientFacts): Promise<boolean> => {
    const { userId } = actor
    const isOwn = sessionId === actor.sessionId
    return db.withMember(userId, async (tx) => {
      const hasEnded = await endOwnSession(tx, { id: sessionId, userId, now: clock.now(), reason: 'logout' })
      if (hasEnded) signedInUsers.changed(tx, userId)
      await audit.record(tx, {
        action: isOwn ? 'session.signed_out' : 'session.ended',
        result: hasEnded ? 'ok' : 'refused',
        ...factsOf(actor, client),
        objectType: 'session',
        objectId: sessionId,
      })
      return hasEnded
    })
  }

  const endIssuing = async (refreshToken: string, client: ClientFacts): Promise<void> => {
    const token = parseRefreshToken(refreshToken)
    const session = token && (await findSession(db.asSystem(), token.sessionId))
    if (!session || !tokens.issuerOf(session, token) || !isOpen(session)) return
    await endOne({ userId: session.user_id, sessionId: session.id }, session.id, client)
  }

  return {
    /** The latest first. Throws `accounts.cursor_invalid`. */
    list({ userId }: SessionOf, query: PageQuery): Promise<Page<SessionRow>> {
      const read = () => listOpenSessions(db.asMember(userId), { userId, now: clock.now() })
      return readPage(shortList({ name: `sessions ${userId}`, order: 'newest first', read }), query)
    },

    /** Whether the session that a refresh token names was ended, or is none. What the token is worth is not looked at. */
    async hasEnded(refreshToken: string): Promise<boolean> {
      const token = parseRefreshToken(refreshToken)
      const session = token && (await findSession(db.asSystem(), token.sessionId))
      return !session || session.revoked_at !== null
    },

    /** Throws `accounts.session_not_found` for one of somebody else, one that has ended and none at all, alike. */
    async end(actor: SessionOf, sessionId: string, client: ClientFacts): Promise<void> {
      if (!(await endOne(actor, sessionId, client))) throw accountsErrors.sessionNotFound()
    },

    /** Ends the session that asks; one that another request has ended meanwhile is just as well. */
    async signOut(actor: SessionOf, client: ClientFacts): Promise<void> {
      await endOne(actor, actor.sessionId, client)
    },

    /**
     * Ends the session of a refresh token that a browser brings to a sign-in, spent or not; a token that is not of the
     * session it names ends nothing. Never rejects: the sign-in has been done, and what it spent would be lost.
     */
    async endReplaced(refreshToken: string, client: ClientFacts): Promise<void> {
      try {
        await endIssuing(refreshToken, client)
      } catch (error) {
        log.error({ err: asError(error) }, 'The session that a sign-in replaces cannot be ended.')
      }
    },

    /** Ends every session and unfinished sign-in; the tokens that the member made for programs of their own stay. */
    async signOutEverywhere(actor: SessionOf, client: ClientFacts): Promise<void> {
      const { userId } = actor
      await db.withSystem(async (tx) => {
        // Note: held, so that a sign-in under way is finished before, and ends here, or finds that it was ended.
        await lockUser(tx, userId)
        await endAccess(tx, { userId, reason: 'logout', keepsPersonalTokens: true })
        await audit.record(tx, {
          action: 'session.signed_out_everywhere',
          result: 'ok',
          ...factsOf(actor, client),
          ...aboutUser(userId),
        })
      })
    },
  }
}
