import { randomUUID } from 'node:crypto'
import type { UserRole, UserStatus } from '@outcry/contract/accounts'
import { sql } from '../modules/accounts/accounts.tables.ts'
import { blocks, follows } from '../modules/accounts/relations/relation.table.ts'
import { updateUser } from '../modules/accounts/users/user.store.ts'
import { type NewUser, type UserPatch, users } from '../modules/accounts/users/user.table.ts'
import { insertRow, updateRow } from '../platform/db/index.ts'
import { emailOf, insertMemberRows, memberRow } from './member-rows.ts'
import type { Answer, TestApp } from './start-test-app.ts'

/** A password that the rules accept for everybody. */
export const PASSWORD = 'correct horse battery staple'

/** A member as a test made them. */
export interface Member {
  readonly id: string
  readonly username: string
  readonly email: string
  readonly password: string
}

/** A member with the tokens of one session. */
export interface SignedInMember extends Member {
  readonly accessToken: string
  readonly refreshToken: string
}

export interface MemberTraits {
  readonly username?: string
  readonly password?: string
  readonly role?: UserRole
  readonly status?: UserStatus
}

const updateUserRow = updateRow(sql, users)
const insertFollow = insertRow(sql, follows)
const insertBlock = insertRow(sql, blocks)
let made = 0

/** A username that no other test of this run has. */
export function newUsername(): string {
  made++
  return `member_${made}_${randomUUID().slice(0, 8)}`
}

/** Registers over HTTP; the account is pending afterwards. */
export async function registerMember(
  app: TestApp,
  { username, password }: MemberTraits = {},
): Promise<Member> {
  const name = username ?? newUsername()
  const member = { username: name, email: emailOf(name), password: password ?? PASSWORD }
  const { status, body, text } = await app.send('POST', '/auth/register', { body: member })
  if (status !== 201) throw new Error(`Registering answered ${status}: ${text}`)
  return { ...member, id: String(body.id) }
}

async function mailedTokenFor(app: TestApp, email: string, page: string): Promise<string> {
  await app.settle()
  const link = new RegExp(`/${page}#token=([\\w-]{43})`)
  const [token] = app.mail.to(email).flatMap(({ text }) => link.exec(text)?.[1] ?? [])
  if (token === undefined) throw new Error(`No mail with a link to ${page} went to ${email}.`)
  return token
}

/** The token in the latest verification mail to an address; does the background work that sends it. */
export function verificationTokenFor(app: TestApp, email: string): Promise<string> {
  return mailedTokenFor(app, email, 'verify')
}

/** Asks for a password reset over HTTP, and gives the token that was mailed. */
export async function resetTokenFor(app: TestApp, email: string): Promise<string> {
  const { status, text } = await app.send('POST', '/auth/password-reset', { body: { email } })
  if (status !== 202) throw new Error(`Asking for a reset answered ${status}: ${text}`)
  app.clock.advance(1) // the work is not done at once
  return mailedTokenFor(app, email, 'reset')
}

/** A member who can sign in, made the way an operator makes them: active and an ordinary user unless told otherwise. */
export async function createMember(
  { app }: TestApp,
  { username = newUsername(), password = PASSWORD, role = 'user', status = 'active' }: MemberTraits = {},
): Promise<Member> {
  const email = emailOf(username)
  const { id } = await app.accounts.admin.create(
    { username, email, password, displayName: null },
    { role, status },
  )
  return { id, username, email, password }
}

/** Signs in over HTTP without asserting anything. */
export function tryToSignIn(app: TestApp, identifier: string, password = PASSWORD): Promise<Answer> {
  return app.send('POST', '/auth/login/json', { body: { username_or_email: identifier, password } })
}

/** Opens a session over HTTP. */
export async function signIn(app: TestApp, member: Member): Promise<SignedInMember> {
  const { status, body, text } = await tryToSignIn(app, member.username, member.password)
  if (status !== 200) throw new Error(`Signing in answered ${status}: ${text}`)
  return {
    ...member,
    accessToken: String(body.access_token),
    refreshToken: String(body.refresh_token),
  }
}

/** An address that no other test of this run has. */
export const newEmail = (): string => emailOf(newUsername())

/** Asks for another address over HTTP, in a session that is fresh, and gives the token that was mailed there. */
export async function emailChangeTokenFor(
  app: TestApp,
  { accessToken: token }: Pick<SignedInMember, 'accessToken'>,
  email: string,
): Promise<string> {
  const { status, text } = await app.send('POST', '/users/me/email', { token, body: { email } })
  if (status !== 202) throw new Error(`Asking for another address answered ${status}: ${text}`)
  return mailedTokenFor(app, email, 'email-change')
}

/** Changes a member's address over HTTP, and gives the token that was mailed to the one before. */
export async function changeEmail(app: TestApp, member: SignedInMember, email: string): Promise<string> {
  const before = (await app.send('GET', '/auth/me', { token: member.accessToken })).body
  const token = await emailChangeTokenFor(app, member, email)
  const { status, text } = await app.send('POST', '/auth/email-change/confirm', { body: { token } })
  if (status !== 200) throw new Error(`Changing the address answered ${status}: ${text}`)
  return mailedTokenFor(app, String(before.email), 'email-change/undo')
}

/** A member with an open session. */
export async function createSignedInMember(app: TestApp, traits: MemberTraits = {}): Promise<SignedInMember> {
  return signIn(app, await createMember(app, traits))
}

/** Members as rows, without a password: for lists, where hashing for each would only cost time. Oldest first. */
export async function insertMembers(
  { app: { platform } }: TestApp,
  count: number,
  traits: Partial<NewUser> = {},
): Promise<Member[]> {
  const { db, clock, newId } = platform
  const members = Array.from({ length: count }, () => {
    const username = newUsername()
    return { id: newId(), username, email: emailOf(username), password: '' }
  })
  await insertMemberRows(
    db,
    members.map(({ id, username }) => ({ user: { ...memberRow(id, username, clock.now()), ...traits } })),
  )
  return members
}

/** Changes a member's row behind the services' back, and tells every node, as whoever changes members must. */
export async function changeMember(
  { app }: TestApp,
  id: string,
  patch: Omit<UserPatch, 'password_hash'>,
): Promise<void> {
  const { db, signals } = app.platform
  await db.withSystem((tx) => updateUser(tx, id, patch))
  signals.publish('accounts.user', id)
}

/** Puts a hash from elsewhere, or none, in place of a member's own. */
export async function storePasswordHash({ app }: TestApp, id: string, password_hash: string | null) {
  await app.platform.db.withSystem((tx) => updateUserRow(tx, { id }, { password_hash }))
}

type Related =
  | {
      readonly follower: Pick<Member, 'id'>
      readonly following: Pick<Member, 'id'>
      readonly isAccepted?: boolean
    }
  | { readonly blocker: Pick<Member, 'id'>; readonly blocked: Pick<Member, 'id'> }

/** Makes one member follow or block another, as rows. */
export async function relate({ app: { platform } }: TestApp, related: Related): Promise<void> {
  const { db, clock, newId } = platform
  const created_at = clock.now()
  await db.withSystem((tx) =>
    'follower' in related
      ? insertFollow(tx, {
          id: newId(),
          created_at,
          updated_at: created_at,
          follower_id: related.follower.id,
          following_id: related.following.id,
          is_accepted: related.isAccepted ?? true,
        })
      : insertBlock(tx, {
          id: newId(),
          created_at,
          blocker_id: related.blocker.id,
          blocked_id: related.blocked.id,
        }),
  )
}

/** Every field of UserFull, as the contract's page lists them; spelled out, so that the schema cannot check itself. */
export const USER_FULL_FIELDS: readonly string[] = `
  id created_at updated_at username email display_name full_name bio avatar_url cover_image_url
  website_url location role status is_verified is_private followers_count following_count videos_count
  posts_count last_login_at email_verified_at two_factor_enabled
`
  .trim()
  .split(/\s+/)

/** What a test wants of a personal access token. */
export interface TokenTraits {
  readonly scopes: readonly string[]
  readonly expires_at?: string
  readonly credential_id?: string
  readonly path_patterns?: readonly string[]
  readonly address_ranges?: readonly string[]
  readonly rate_per_minute?: number
}

/** A personal access token that its owner made over HTTP, in a session that is fresh. */
export async function createPersonalToken(
  app: TestApp,
  { accessToken }: Pick<SignedInMember, 'accessToken'>,
  body: TokenTraits,
): Promise<{ readonly id: string; readonly token: string }> {
  const answer = await app.send('POST', '/auth/tokens', {
    token: accessToken,
    body: { name: 'A program', ...body },
  })
  if (answer.status !== 201) throw new Error(`Making a token answered ${answer.status}: ${answer.text}`)
  return { id: String(answer.body.id), token: String(answer.body.token) }
}
