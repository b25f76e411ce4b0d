import type { TokenScope } from '@outcry/contract/personal-tokens'
import { isAddressRange } from '../../../platform/address-ranges.ts'
import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import { digestToken } from '../../../platform/crypto/opaque-token.ts'
import type { Db, Tx } from '../../../platform/db/index.ts'
import { DAY } from '../../../platform/durations.ts'
import type { Page, PageQuery, ReadPage } from '../../../platform/paging/read-page.ts'
import { shortList } from '../../../platform/paging/short-list.ts'
import { aboutUser, askedFrom } from '../accounts.audit.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { ClientFacts } from '../client-facts.ts'
import type { Notify } from '../notices.ts'
import { findSignedInUser } from '../sessions/session.store.ts'
import type { SessionOf } from '../sessions/signed-in-users.ts'
import { statusAt } from '../users/standing.ts'
import { lockUser } from '../users/user.store.ts'
import type { UserRow } from '../users/user.table.ts'
import {
  countLiveTokens,
  insertPersonalToken,
  listLiveTokens,
  revokePersonalToken,
} from './personal-token.store.ts'
import type { PersonalTokenRow } from './personal-token.table.ts'
import { createPersonalTokenText } from './personal-token.ts'

const TOKENS_MAX = 50
const LIFE_MS = 90 * DAY
const LONGEST_LIFE_MS = 366 * DAY // a year, whichever it is

/** A token that was just made: the row, and the text that nobody sees again. */
export interface MadeToken {
  readonly row: PersonalTokenRow
  readonly text: string
}

/** What a token may be used with, for and from, beside its scopes; everything where nothing is said. */
export interface TokenBounds {
  readonly credentialId: string | null
  readonly pathPatterns: readonly string[]
  readonly addressRanges: readonly string[]
  readonly ratePerMinute: number | null
}

/** What its owner says about a new token; without `expiresAt` it ends after 90 days. */
export interface TokenWish {
  readonly name: string
  readonly scopes: readonly TokenScope[]
  readonly expiresAt: Date | undefined
  readonly bounds: TokenBounds
  readonly client: ClientFacts
  /** What belongs to the new token, written with it or not at all. */
  complete(tx: Tx, made: MadeToken): Promise<void>
}

export interface PersonalTokensOptions {
  readonly db: Db
  readonly clock: Clock
  readonly newId: () => string
  readonly audit: Audit
  readonly notify: Notify
  readonly readPage: ReadPage
  readonly assertOwnCredential: AssertOwnCredential
}

/**
 * Throws what a member is told who names a broker credential that is not theirs or not there. The credentials belong to a
 * module that this one must not know, so whoever assembles the modules hands it in.
 */
export type AssertOwnCredential = (userId: string, credentialId: string) => Promise<void>

function expiryOf(wanted: Date | undefined, nowMs: number): Date {
  if (wanted === undefined) return new Date(nowMs + LIFE_MS)
  const lifeMs = wanted.getTime() - nowMs
  if (lifeMs > 0 && lifeMs <= LONGEST_LIFE_MS) return wanted
  const message = 'must be in the future, at most a year from now'
  throw accountsErrors.tokenExpiryInvalid({}, { errors: [{ path: 'body.expires_at', message }] })
}

function assertRanges(ranges: readonly string[]): void {
  const errors = ranges.flatMap((range, at) =>
    isAddressRange(range)
      ? []
      : [{ path: `body.address_ranges.${at}`, message: 'must be an address or a network in CIDR notation' }],
  )
  if (errors.length > 0) throw accountsErrors.addressRangeInvalid({}, { errors })
}

function makeToken(
  wish: TokenWish,
  { id, userId, now }: { id: string; userId: string; now: Date },
): MadeToken {
  const text = createPersonalTokenText()
  const { bounds } = wish
  const row = {
    id,
    user_id: userId,
    created_at: now,
    updated_at: now,
    name: wish.name,
    token_hash: digestToken(text),
    last_four: text.slice(-4),
    scopes: [...wish.scopes],
    expires_at: expiryOf(wish.expiresAt, now.getTime()),
    last_used_at: null,
    revoked_at: null,
    credential_id: bounds.credentialId,
    path_patterns: [...bounds.pathPatterns],
    address_ranges: [...bounds.addressRanges],
    rate_per_minute: bounds.ratePerMinute,
  }
  return { row, text }
}

/** The tokens that members make for their own programs. A token that ends here is refused from the next request on. */
export function createPersonalTokens(options: PersonalTokensOptions) {
  const { db, clock, newId, audit, notify } = options

  const add = async (tx: Tx, actor: SessionOf, row: PersonalTokenRow): Promise<UserRow | undefined> => {
    const now = clock.now()
    // Note: of creations sent together each counts the ones before it, and whoever ends all access of the member comes
    // wholly before, which shows in the session, or wholly after.
    await lockUser(tx, actor.userId)
    const user = await findSignedInUser(tx, actor)
    if (!user || statusAt(user, now) !== 'active' || user.session_revoked_at !== null) return undefined
    if ((await countLiveTokens(tx, { userId: actor.userId, now })) >= TOKENS_MAX) {
      throw accountsErrors.tooManyTokens({ max: TOKENS_MAX }, { field: 'body.name' })
    }
    await insertPersonalToken(tx, row)
    return user
  }

  return {
    /** The latest first. Throws `accounts.cursor_invalid`. */
    list(userId: string, query: PageQuery): Promise<Page<PersonalTokenRow>> {
      const read = () => listLiveTokens(db.asMember(userId), { userId, now: clock.now() })
      return options.readPage(shortList({ name: `tokens ${userId}`, order: 'newest first', read }), query)
    },

    /**
     * Makes a token; `undefined` when the session ended meanwhile. Throws `accounts.token_expiry_invalid`,
     * `accounts.address_range_invalid`, `accounts.too_many_tokens`, and what `assertOwnCredential` throws.
     */
    async create(actor: SessionOf, wish: TokenWish): Promise<MadeToken | undefined> {
      const made = makeToken(wish, { id: newId(), userId: actor.userId, now: clock.now() })
      const { credentialId, addressRanges } = wish.bounds
      assertRanges(addressRanges)
      if (credentialId !== null) await options.assertOwnCredential(actor.userId, credentialId)
      return db.withMember(actor.userId, async (tx) => {
        const user = await add(tx, actor, made.row)
        if (!user) return undefined
        await wish.complete(tx, made)
        const { address, userAgent } = wish.client
        const detail = `It may do this: ${wish.scopes.join(', ')}.`
        await notify(tx, user, { kind: 'personalTokenCreated', facts: { address, userAgent, detail } })
        await audit.record(tx, {
          action: 'personal_token.created',
          result: 'ok',
          actorId: actor.userId,
          sessionId: actor.sessionId,
          ...askedFrom(wish.client),
          objectType: 'personal_token',
          objectId: made.row.id,
          details: {
            scopes: wish.scopes.join(' '),
            expires_at: made.row.expires_at?.toISOString() ?? null,
            ...(credentialId === null ? {} : { credential_id: credentialId }),
          },
        })
        return made
      })
    },

    /** Throws `accounts.personal_token_not_found` for one of somebody else, one that has ended and none at all, alike. */
    async revoke(actor: SessionOf, id: string, client: ClientFacts): Promise<void> {
      const { userId, sessionId } = actor
      const hasEnded = await db.withMember(userId, async (tx) => {
        const isRevoked = await revokePersonalToken(tx, { id, userId, now: clock.now() })
        await audit.record(tx, {
          action: 'personal_token.revoked',
          result: isRevoked ? 'ok' : 'refused',
          actorId: userId,
          sessionId,
          ...askedFrom(client),
          ...(isRevoked ? { objectType: 'personal_token', objectId: id } : aboutUser(userId)),
        })
        return isRevoked
      })
      if (!hasEnded) throw accountsErrors.personalTokenNotFound()
    },
  }
}

export type PersonalTokens = ReturnType<typeof createPersonalTokens>
