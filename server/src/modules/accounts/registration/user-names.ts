import { accountLimits, usernamePattern } from '@outcry/contract/accounts'
import { isUuid } from '../../../platform/crypto/uuid.ts'
import { canonicalText } from '../../../platform/db/index.ts'
import { accountsErrors } from '../accounts.errors.ts'

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

// Paths of the site and of the API, where a member's page could never be reached.
const PATHS = words(`
  about account accounts api app assets auth billing blog contact dashboard help home info login logout mail me news
  privacy search security settings setup signin signup static status support terms undefined null user users vault
  verify webmaster www`)

// Names that people would take for the operator's; the operator may have them.
const OFFICES = words(`
  admin administrator moderator no-reply noreply official operator outcry owner postmaster root staff super_admin
  superadmin system team`)

/** What the names of deleted members begin with. */
const DELETED = /^deleted-/

const SHAPE = new RegExp(usernamePattern, 'u')

/** Refuses what no form would take, for names that come by another way. */
function assertIsUsername(username: string): void {
  const { usernameMin: min, username: max } = accountLimits
  if (SHAPE.test(username) && username.length >= min && username.length <= max) return
  const errors = [{ path: 'body.username', message: `must be ${min} to ${max} letters, digits, _ and -` }]
  throw accountsErrors.usernameInvalid({ min, max }, { errors })
}

/**
 * Refuses what is no username, names that lead elsewhere, and to all but the operator those that would pass for the
 * operator's.
 */
export function assertUsernameMayBeUsed(username: string, { isOperator }: { isOperator: boolean }): void {
  assertIsUsername(username)
  const key = canonicalText(username)
  const isReserved = PATHS.has(key) || isUuid(key) || DELETED.test(key) || (OFFICES.has(key) && !isOperator)
  if (!isReserved) return
  throw accountsErrors.usernameReserved({}, { errors: [{ path: 'body.username', message: 'is reserved' }] })
}

// RFC 5322 section 3.2.3 dot-atom with the letters of RFC 6531, at a domain of two or more labels (RFC 1034 section
// 3.5) whose last is no number. Quoted local parts and address literals are not for sign-up.
const ATOM = String.raw`[\p{L}\p{M}\p{N}!#$%&'*+/=?^_\x60{|}~-]+`
const LABEL = String.raw`[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?`
const EMAIL = new RegExp(
  String.raw`^(?=[^@]{1,64}@)${ATOM}(?:\.${ATOM})*@(?:${LABEL}\.)+(?!\p{N}+$)(?=..)${LABEL}$`,
  'u',
)
// Code points that are drawn as nothing would let two addresses look alike.
const UNSEEN = /\p{Default_Ignorable_Code_Point}/u
const EMAIL_MAX = 254 // RFC 5321 section 4.5.3.1.3, less the brackets

/** An address in the one form in which addresses are stored and compared: NFKC, then lower-case, then checked. */
export function canonicalEmail(email: string): string {
  const canonical = canonicalText(email)
  const isAddress = canonical.length <= EMAIL_MAX && EMAIL.test(canonical) && !UNSEEN.test(canonical)
  if (isAddress) return canonical
  throw accountsErrors.emailInvalid(
    {},
    { errors: [{ path: 'body.email', message: 'must be an email address' }] },
  )
}
