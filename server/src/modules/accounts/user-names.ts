import { canonicalText } from '../../platform/db/index.ts'
import { accountsErrors } from './accounts.errors.ts'

// Names that people would take for the operator's, or that are paths of the site.
const RESERVED = new Set(
  `about account accounts admin administrator api app assets auth billing blog contact dashboard help home info
  login logout mail me moderator news noreply no-reply null official operator outcry owner postmaster privacy root
  search security settings setup signin signup staff static status super_admin superadmin support system team terms
  undefined user users vault verify webmaster www`.split(/\s+/),
)

/** Refuses names that would pass for the operator's. */
export function assertUsernameIsFree(username: string): void {
  if (RESERVED.has(canonicalText(username))) {
    throw accountsErrors.usernameReserved({}, { errors: [{ path: 'body.username', message: 'is reserved' }] })
  }
}

// One @, a local part without spaces or control characters, a dotted domain that neither starts nor ends with a dot.
const EMAIL =
  /^[^\s@\p{C}]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,63}$/u

/** An address in the one form in which addresses are stored and compared: NFKC, then lower-case, then checked. */
export function canonicalEmail(email: string): string {
  const canonical = canonicalText(email)
  if (!EMAIL.test(canonical) || canonical.length > 254) {
    throw accountsErrors.emailInvalid(
      {},
      { errors: [{ path: 'body.email', message: 'must be an email address' }] },
    )
  }
  return canonical
}

/** What a sign-in form holds, as what it can only be: an address has an @ and a username cannot have one. */
export function parseIdentifier(identifier: string): { kind: 'email' | 'username'; key: string } {
  const key = canonicalText(identifier)
  return { kind: key.includes('@') ? 'email' : 'username', key }
}
