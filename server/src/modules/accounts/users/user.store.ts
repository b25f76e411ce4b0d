import { accountLimits } from '@outcry/contract/accounts'
import {
  canonicalText,
  insertRow,
  lockRows,
  type Queryable,
  type Tx,
  updateRow,
} from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'
import type { PasswordHash } from '../passwords/password.ts'
import { NO_SANCTION } from './standing.ts'
import { DISPLAY_NAME_KEY_MAX, type NewUser, type UserPatch, type UserRow, users } from './user.table.ts'

const insert = insertRow(sql, users)
const update = updateRow(sql, users)

/** What search compares goes with the name wherever that goes. */
export function withSearchKey<P extends Pick<UserPatch, 'display_name'>>(patch: P): P {
  const { display_name: name } = patch
  if (name === undefined) return patch
  const key = name === null ? null : [...canonicalText(name)].slice(0, DISPLAY_NAME_KEY_MAX).join('')
  return { ...patch, display_name_key: key }
}

/** Adds a member. Throws a unique violation on `email` or `username_key`. */
export function insertUser(tx: Tx, user: NewUser & { password_hash: PasswordHash | null }): Promise<void> {
  return insert(tx, withSearchKey(user))
}

/** Changes a member's own columns; a password hash only as `Passwords` made it. */
export function updateUser(
  tx: Tx,
  id: string,
  patch: UserPatch & { password_hash?: PasswordHash },
): Promise<number> {
  return update(tx, { id }, withSearchKey(patch))
}

const replaceHash = sql.write((p: { id: string; from: string; to: string }) =>
  sql.builder
    .updateTable('users')
    .set({ password_hash: p.to })
    .where('id', '=', p.id)
    .where('password_hash', '=', p.from),
)

/** Puts a stronger hash of the same password in place of a known one, unless that one is not the member's any more. */
export async function replacePasswordHash(
  tx: Tx,
  change: { id: string; from: string; to: PasswordHash },
): Promise<void> {
  await replaceHash.run(tx, change)
}

const byId = sql.read((p: { id: string }) => sql.from('users').selectAll().where('id', '=', p.id))

export function findUser(db: Queryable, id: string): Promise<UserRow | undefined> {
  return byId.first(db, { id })
}

const lock = sql.read((p: { id: string }) =>
  sql.from('users').selectAll().where('id', '=', p.id).modifyEnd(lockRows()),
)

/**
 * The member as they are now, held until the transaction ends: for decisions on several rows of theirs, which two requests
 * at once must not both make.
 */
export function lockUser(tx: Tx, id: string): Promise<UserRow | undefined> {
  return lock.first(tx, { id })
}

const advanceStep = sql.write((p: { id: string; step: number }) =>
  sql.builder
    .updateTable('users')
    .set({ two_factor_last_step: p.step })
    .where('id', '=', p.id)
    .where('two_factor_last_step', '<', p.step),
)

/** Uses up a member's code of a step, and with it those before; false when that has happened already (C15). */
export async function advanceTwoFactorStep(tx: Tx, at: { id: string; step: number }): Promise<boolean> {
  return (await advanceStep.run(tx, at)) === 1
}

const EMPTY: UserPatch = {
  ...NO_SANCTION,
  phone_number: null,
  password_hash: null,
  display_name: null,
  bio: null,
  avatar_url: null,
  cover_image_url: null,
  website: null,
  location: null,
  date_of_birth: null,
  role: 'user',
  status: 'inactive',
  is_verified: false,
  is_phone_verified: false,
  is_creator: false,
  is_premium: false,
  two_factor_enabled: false,
  two_factor_secret: null,
  two_factor_last_step: 0,
  privacy_level: 'private',
  email_notifications: false,
  push_notifications: false,
  marketing_emails: false,
  show_activity_status: false,
  allow_messages_from: 'nobody',
  content_language: 'en',
  timezone: 'UTC',
  last_login_at: null,
  last_login_ip: null,
  last_active_at: null,
  login_count: 0,
  email_verified_at: null,
  phone_verified_at: null,
  creator_verified_at: null,
}

/**
 * Empties the row of a member who is gone; false when that was done before. The canonical name stays, so that nobody else
 * can take the name and pass for them. `unguessable` makes the address that takes the place of theirs: one that could be
 * told from the id could be registered beforehand, to keep somebody from being deleted.
 */
export async function buryUser(
  tx: Tx,
  { id, now, unguessable }: { id: string; now: Date; unguessable: string },
): Promise<boolean> {
  const traces = {
    username: `deleted-${id.slice(-12)}`,
    email: `deleted-${unguessable}@deleted.invalid`,
    updated_at: now,
    deleted_at: now,
  }
  return (await update(tx, { id, deleted_at: null }, withSearchKey({ ...EMPTY, ...traces }))) === 1
}

const byUsername = sql.read((p: { key: string }) =>
  sql.from('users').selectAll().where('username_key', '=', p.key),
)
const byEmail = sql.read((p: { key: string }) => sql.from('users').selectAll().where('email', '=', p.key))

// What is longer than its column is nobody's; the layer refuses to look for it.
const isLongerThan = (max: number, key: string): boolean => [...key].length > max

/** `key` is canonical text. */
export async function findUserByUsername(db: Queryable, key: string): Promise<UserRow | undefined> {
  return isLongerThan(accountLimits.username, key) ? undefined : byUsername.first(db, { key })
}

/** `key` is canonical text. */
export async function findUserByEmail(db: Queryable, key: string): Promise<UserRow | undefined> {
  return isLongerThan(accountLimits.email, key) ? undefined : byEmail.first(db, { key })
}

const signedIn = sql.write((p: { id: string; now: Date; address: string }) =>
  sql.builder
    .updateTable('users')
    .set((eb) => ({
      last_login_at: p.now,
      last_login_ip: p.address,
      last_active_at: p.now,
      login_count: eb('login_count', '+', 1),
    }))
    .where('id', '=', p.id),
)

/** Notes a complete sign-in. */
export async function recordSignIn(tx: Tx, id: string, at: { now: Date; address: string }): Promise<void> {
  await signedIn.run(tx, { id, ...at })
}

const verifyEmail = sql.write((p: { id: string; now: Date }) =>
  sql.builder
    .updateTable('users')
    .set({ email_verified_at: p.now, updated_at: p.now })
    .where('id', '=', p.id),
)

const activatePending = sql.write((p: { id: string }) =>
  sql.builder
    .updateTable('users')
    .set({ status: 'active' })
    .where('id', '=', p.id)
    .where('status', '=', 'pending_verification'),
)

/** Notes that a member has proven their address; a pending one is active from now on, a closed one stays closed. */
export async function markEmailVerified(tx: Tx, id: string, now: Date): Promise<void> {
  await verifyEmail.run(tx, { id, now })
  await activatePending.run(tx, { id })
}

const admins = sql.read(() =>
  sql
    .from('users')
    .select('id')
    .where('status', '=', 'active')
    .where('role', 'in', ['admin', 'super_admin'])
    .limit(1),
)

export async function hasAdmin(db: Queryable): Promise<boolean> {
  return (await admins.first(db, {})) !== undefined
}

const otherAdmins = sql.read((p: { id: string }) =>
  sql
    .from('users')
    .select('id')
    .where('status', '=', 'active')
    .where('role', 'in', ['admin', 'super_admin'])
    .where('id', '<>', p.id)
    .limit(1),
)

/** Whether anybody but this member can administrate. */
export async function hasOtherAdmin(db: Queryable, id: string): Promise<boolean> {
  return (await otherAdmins.first(db, { id })) !== undefined
}

const endedSuspensions = sql.read((p: { now: Date; limit: number }) =>
  sql
    .from('users')
    .select('id')
    .where('suspension_ends_at', 'is not', null)
    .where('suspension_ends_at', '<=', p.now)
    .where('status', '=', 'suspended')
    .orderBy('suspension_ends_at')
    .limit(p.limit),
)

/** Whose suspension is over and not lifted yet. */
export function listEndedSuspensions(
  db: Queryable,
  at: { now: Date; limit: number },
): Promise<{ id: string }[]> {
  return endedSuspensions.all(db, at)
}

const lift = sql.write((p: { id: string; now: Date }) =>
  sql.builder
    .updateTable('users')
    .set({ ...NO_SANCTION, status: 'active', updated_at: p.now })
    .where('id', '=', p.id)
    .where('status', '=', 'suspended')
    .where('suspension_ends_at', '<=', p.now)
    .returningAll(),
)

/** Makes a member active whose suspension is over; `undefined` when somebody decided otherwise in the meantime. */
export function liftSuspension(tx: Tx, at: { id: string; now: Date }): Promise<UserRow | undefined> {
  return lift.first(tx, at)
}
