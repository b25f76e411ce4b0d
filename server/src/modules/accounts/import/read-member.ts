import { canonicalText } from '../../../platform/db/index.ts'
import { isAtLeast } from '../accounts.policy.ts'
import type { PasswordHash, Passwords } from '../passwords/password.ts'
import { assertUsernameMayBeUsed, canonicalEmail } from '../registration/user-names.ts'
import type { NewUser } from '../users/user.table.ts'
import { isWebAddress, NOT_A_WEB_ADDRESS } from '../users/web-address.ts'
import type { MemberLine } from './member-line.ts'

/** A member of a file as the row to be. */
export interface MemberToAdd {
  /** Where in the file; the first line is 1. */
  readonly line: number
  readonly row: NewUser & { readonly password_hash: PasswordHash | null }
  /** The role was above `creator` and was not kept. */
  readonly isLowered: boolean
}

/** A field that cannot be brought over, in words that hold nothing of its value. */
export class MemberLineError extends Error {
  override readonly name = 'MemberLineError'
  readonly field: string

  constructor(field: string, message: string) {
    super(message)
    this.field = field
  }
}

export interface ReadMemberOptions {
  readonly passwords: Pick<Passwords, 'adopt'>
  readonly now: Date
  readonly newId: () => string
  /** Whether roles above `creator` are brought over. */
  readonly keepsRoles: boolean
}

function momentOf(field: keyof MemberLine, text: string | undefined, now: Date): Date | null {
  if (text === undefined) return null
  const [, base = '', fraction = '', offset = ''] = /^(.{19})(?:\.(\d+))?(\D.*)?$/.exec(text) ?? []
  const zone = /^[+-]\d\d$/.test(offset) ? `${offset}:00` : offset.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')
  const milliseconds = fraction.slice(0, 3).padEnd(3, '0')
  const local = base.replace(' ', 'T')
  const at = new Date(`${local}.${milliseconds}${zone.toUpperCase() || 'Z'}`)
  // Note: JavaScript reads the 30th of February as the 2nd of March.
  const isReal = !Number.isNaN(at.getTime()) && new Date(`${local}Z`).toISOString().startsWith(local)
  if (!isReal) throw new MemberLineError(field, 'must be a moment that exists')
  if (at > now || at.getUTCFullYear() < 1970) {
    throw new MemberLineError(field, 'must be between 1970 and today')
  }
  return at
}

function dayOf(field: keyof MemberLine, text: string | undefined, now: Date): string | null {
  if (text === undefined) return null
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00.000Z`) : new Date(Number.NaN)
  const isDay = !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)
  if (!isDay) throw new MemberLineError(field, 'must be a day such as 1990-01-31')
  if (at > now || at.getUTCFullYear() < 1900)
    throw new MemberLineError(field, 'must be between 1900 and today')
  return text
}

function hashOf(line: MemberLine, passwords: ReadMemberOptions['passwords']): PasswordHash | null {
  const stored = line.password_hash ?? line.hashed_password
  if (stored === undefined) return null
  const hash = passwords.adopt(stored)
  if (hash) return hash
  const field = line.password_hash === undefined ? 'hashed_password' : 'password_hash'
  throw new MemberLineError(
    field,
    'must be a bcrypt hash of cost 4 to 15 or an Argon2id hash that opens here',
  )
}

function addressOf(field: keyof MemberLine, text: string | null | undefined): string | null {
  if (text === null || text === undefined || isWebAddress(text)) return text ?? null
  throw new MemberLineError(field, NOT_A_WEB_ADDRESS)
}

function profileOf(line: MemberLine, now: Date) {
  return {
    display_name: line.display_name ?? line.full_name ?? null,
    bio: line.bio ?? null,
    avatar_url: addressOf('avatar_url', line.avatar_url),
    cover_image_url: addressOf('cover_image_url', line.cover_image_url),
    website: addressOf('website_url', line.website_url) ?? addressOf('website', line.website),
    location: line.location ?? null,
    phone_number: line.phone ?? line.phone_number ?? null,
    date_of_birth: dayOf('date_of_birth', line.date_of_birth, now),
    privacy_level: line.is_private ? ('private' as const) : ('public' as const),
    is_verified: line.is_verified ?? false,
  }
}

/**
 * The row that a checked line becomes. Without a status an account is active when its address was verified, and pending
 * otherwise. Throws `MemberLineError`, or the catalogue's error for a name or address that nobody may have.
 */
export function readMember(line: MemberLine, at: number, options: ReadMemberOptions): MemberToAdd {
  const { passwords, now, newId, keepsRoles } = options
  assertUsernameMayBeUsed(line.username, { isOperator: true })
  const { role = 'user' } = line
  const isLowered = isAtLeast(role, 'moderator') && !keepsRoles
  const email_verified_at = momentOf('email_verified_at', line.email_verified_at, now)
  const row = {
    id: line.id?.toLowerCase() ?? newId(),
    created_at: momentOf('created_at', line.created_at, now) ?? now,
    updated_at: now,
    username: line.username,
    username_key: canonicalText(line.username),
    email: canonicalEmail(line.email),
    password_hash: hashOf(line, passwords),
    ...profileOf(line, now),
    role: isLowered ? ('user' as const) : role,
    status: line.status ?? (email_verified_at ? ('active' as const) : ('pending_verification' as const)),
    email_verified_at,
    last_login_at: momentOf('last_login_at', line.last_login_at, now),
  }
  return { line: at, row, isLowered }
}
