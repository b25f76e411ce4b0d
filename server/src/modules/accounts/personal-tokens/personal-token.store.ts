import { computed, insertRow, integer, ownedBy, type Queryable, type Tx } from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'
import type { UserRow } from '../users/user.table.ts'
import { type PersonalTokenRow, personalAccessTokens } from './personal-token.table.ts'

export const insertPersonalToken = insertRow(sql, personalAccessTokens)

const withOwner = sql.read((p: { hashes: readonly Uint8Array[] }) =>
  sql
    .from('personal_access_tokens')
    .innerJoin('users', 'users.id', 'personal_access_tokens.user_id')
    .selectAll('users')
    .select([
      'personal_access_tokens.token_hash',
      'personal_access_tokens.id as token_id',
      'personal_access_tokens.scopes as token_scopes',
      'personal_access_tokens.expires_at as token_expires_at',
      'personal_access_tokens.last_used_at as token_last_used_at',
      'personal_access_tokens.revoked_at as token_revoked_at',
      'personal_access_tokens.credential_id as token_credential_id',
      'personal_access_tokens.path_patterns as token_path_patterns',
      'personal_access_tokens.address_ranges as token_address_ranges',
      'personal_access_tokens.rate_per_minute as token_rate_per_minute',
    ])
    .where('personal_access_tokens.token_hash', 'in', p.hashes),
)

/** A member's row with what matters of one token of theirs. */
export type TokenUserRow = UserRow &
  Readonly<{
    token_id: string
    token_scopes: readonly string[]
    token_expires_at: Date | null
    token_last_used_at: Date | null
    token_revoked_at: Date | null
    token_credential_id: string | null
    token_path_patterns: readonly string[]
    token_address_ranges: readonly string[]
    token_rate_per_minute: number | null
  }>

/**
 * For the system: whose tokens these are, by their hashes in hexadecimal, and how token and member are at this moment, ended
 * tokens included.
 */
export async function findTokenUsers(
  db: Queryable,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, TokenUserRow>> {
  const rows = await withOwner.all(db, { hashes: hashes.map((hash) => Buffer.from(hash, 'hex')) })
  return new Map(rows.map(({ token_hash, ...row }) => [Buffer.from(token_hash).toString('hex'), row]))
}

type LiveAt = { userId: string; now: Date }

const live = (p: LiveAt) =>
  sql
    .from('personal_access_tokens')
    .where(ownedBy('personal_access_tokens.user_id', p.userId))
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', p.now)

const liveTokens = sql.read((p: LiveAt) =>
  live(p).selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc'),
)

/** The tokens of a member that can still be used, the latest first. */
export function listLiveTokens(db: Queryable, at: LiveAt): Promise<PersonalTokenRow[]> {
  return liveTokens.all(db, at)
}

const liveCount = sql.read((p: LiveAt) =>
  live(p).select((eb) => computed(eb.fn.countAll(), integer()).as('total')),
)

export async function countLiveTokens(db: Queryable, at: LiveAt): Promise<number> {
  return (await liveCount.first(db, at))?.total ?? 0
}

const revoke = sql.write((p: LiveAt & { id: string }) =>
  sql.builder
    .updateTable('personal_access_tokens')
    .set({ revoked_at: p.now, updated_at: p.now })
    .where('id', '=', p.id)
    .where(ownedBy('personal_access_tokens.user_id', p.userId))
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', p.now),
)

/** Ends one token of a member; false when it had ended already, or is not theirs. */
export async function revokePersonalToken(tx: Tx, end: LiveAt & { id: string }): Promise<boolean> {
  return (await revoke.run(tx, end)) === 1
}

const revokeAll = sql.write((p: { userId: string; now: Date }) =>
  sql.builder
    .updateTable('personal_access_tokens')
    .set({ revoked_at: p.now, updated_at: p.now })
    .where('user_id', '=', p.userId)
    .where('revoked_at', 'is', null),
)

/** For the system: ends every personal access token of a member. */
export async function revokePersonalTokensOf(tx: Tx, end: { userId: string; now: Date }): Promise<void> {
  await revokeAll.run(tx, end)
}

const noteUse = sql.write((p: { id: string; now: Date; before: Date }) =>
  sql.builder
    .updateTable('personal_access_tokens')
    .set({ last_used_at: p.now })
    .where('id', '=', p.id)
    .where((eb) => eb.or([eb('last_used_at', 'is', null), eb('last_used_at', '<', p.before)])),
)

/** For the system: notes that a token was used, unless a use since `before` is noted already. */
export async function noteTokenUse(tx: Tx, use: { id: string; now: Date; before: Date }): Promise<void> {
  await noteUse.run(tx, use)
}

const deleteExpired = sql.write((p: { before: Date; limit: number }) =>
  sql.builder
    .deleteFrom('personal_access_tokens')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('personal_access_tokens as old')
        .select('old.id')
        .where('old.expires_at', '<=', p.before)
        .limit(p.limit),
    ),
)

/** For the system: forgets tokens whose time was over at that moment, at most `limit` at once; says how many. */
export function deleteExpiredPersonalTokens(tx: Tx, batch: { before: Date; limit: number }): Promise<number> {
  return deleteExpired.run(tx, batch)
}
