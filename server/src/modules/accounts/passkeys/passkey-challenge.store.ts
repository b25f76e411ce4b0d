import { insertRow, type Tx } from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'
import { type Ceremony, passkeyChallenges } from './passkey.table.ts'

export const insertChallenge = insertRow(sql, passkeyChallenges)

/** What an answer to a challenge says of itself, and when it came. */
interface Answer {
  readonly hash: Uint8Array
  readonly ceremony: Ceremony
  /** The digest of the cookie of the browser that answers, if one does. */
  readonly browserHash: Uint8Array | null
  readonly now: Date
}

const answered = (p: Answer) =>
  sql.builder
    .deleteFrom('passkey_challenges')
    .where('challenge_hash', '=', p.hash)
    .where('ceremony', '=', p.ceremony)
    .where('expires_at', '>', p.now)
    .where((eb) => eb.or([eb('browser_hash', 'is', null), eb('browser_hash', '=', p.browserHash)]))

const consumeOpen = sql.write((p: Answer) => answered(p).where('user_id', 'is', null))
const consumeOwn = sql.write((p: Answer & { userId: string }) => answered(p).where('user_id', '=', p.userId))

/**
 * For the system: spends a challenge once, however many answer at the same time. False when there is none for this
 * ceremony, member and browser, or not any more.
 */
export async function consumeChallenge(
  tx: Tx,
  { userId, ...answer }: Answer & { userId: string | null },
): Promise<boolean> {
  const { hash, ceremony, browserHash, now } = answer
  const spent =
    userId === null
      ? await consumeOpen.run(tx, { hash, ceremony, browserHash, now })
      : await consumeOwn.run(tx, { hash, ceremony, browserHash, now, userId })
  return spent === 1
}

const deleteOf = sql.write((p: { userId: string }) =>
  sql.builder.deleteFrom('passkey_challenges').where('user_id', '=', p.userId),
)

/** For the system: forgets every challenge that was given to a member. */
export async function deleteChallengesOf(tx: Tx, userId: string): Promise<void> {
  await deleteOf.run(tx, { userId })
}

const deleteExpired = sql.write((p: { before: Date; limit: number }) =>
  sql.builder
    .deleteFrom('passkey_challenges')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('passkey_challenges as old')
        .select('old.id')
        .where('old.expires_at', '<=', p.before)
        .limit(p.limit),
    ),
)

/** For the system: forgets challenges that nobody answered in time, at most `limit` at once; says how many. */
export function deleteExpiredChallenges(tx: Tx, batch: { before: Date; limit: number }): Promise<number> {
  return deleteExpired.run(tx, batch)
}
