import type { NewUser } from '../modules/accounts/users/user.table.ts'
import { createAccessTokens } from '../platform/crypto/access-token.ts'
import { newUsername, type SignedInMember } from './factories.ts'
import { emailOf, insertMemberRows, memberRow, sessionRow } from './member-rows.ts'
import type { TestApp } from './start-test-app.ts'

/** A member who can send requests; they have no password. */
export type ActingMember = Pick<SignedInMember, 'id' | 'username' | 'email' | 'accessToken'>

/** Members with an open session each, as rows: for suites that need many, where signing in would only cost time. */
export async function insertSignedInMembers(
  { app: { platform }, config }: TestApp,
  count: number,
  traits: Partial<NewUser> = {},
): Promise<ActingMember[]> {
  const { db, clock, newId, keys } = platform
  const { origin } = config.publicUrl
  const accessTokens = createAccessTokens({
    keys: keys.tokenSigning,
    issuer: origin,
    audience: origin,
    ttlSeconds: config.accessTokenTtlSeconds,
    clock,
  })
  const now = clock.now()
  const refresh_key_id = keys.refreshToken.current.id
  const made = Array.from({ length: count }, () => {
    const id = newId()
    const username = newUsername()
    const session = sessionRow({ id: newId(), user_id: id, refresh_key_id }, now)
    const { token } = accessTokens.mint({
      subject: id,
      sessionId: session.id,
      authenticatedAt: now,
      methods: session.amr,
    })
    const user = { ...memberRow(id, username, now), ...traits }
    return { rows: { user, session }, member: { id, username, email: emailOf(username), accessToken: token } }
  })
  await insertMemberRows(
    db,
    made.map(({ rows }) => rows),
  )
  return made.map(({ member }) => member)
}

/** One member with an open session, as rows. */
export async function insertSignedInMember(
  app: TestApp,
  traits: Partial<NewUser> = {},
): Promise<ActingMember> {
  const [member] = await insertSignedInMembers(app, 1, traits)
  if (!member) throw new Error('No member was made.')
  return member
}
