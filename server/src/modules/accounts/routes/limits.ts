import { HOUR, MINUTE } from '../../../platform/durations.ts'

/** Sign-in by password, whichever path it takes (C10). */
export const loginLimits = [
  { per: 'address', name: 'login', max: 10, windowMs: MINUTE, shared: true },
  { per: 'address', name: 'login-hour', max: 100, windowMs: HOUR, shared: true },
] as const

/** The second step of a sign-in; counted apart, so that it does not halve the first. */
export const secondFactorLimits = [
  { per: 'address', name: 'second-factor', max: 10, windowMs: MINUTE, shared: true },
  { per: 'address', name: 'second-factor-hour', max: 100, windowMs: HOUR, shared: true },
] as const

/** Showing a password or code in a session, whatever for. */
export const proofLimit = { per: 'account', name: 'proof', max: 10, windowMs: MINUTE } as const

/** Asking for a mail with a link: ten an hour from one address (C10), beside three an hour for one account. */
export const mailedLinkLimit = (name: string) =>
  ({ per: 'address', name, max: 10, windowMs: HOUR, shared: true }) as const

/** Asking for another address: the same, and what one account may have mailed out is refused in words. */
export const emailChangeLimits = [
  mailedLinkLimit('email-change'),
  { per: 'account', name: 'email-change-account', max: 3, windowMs: HOUR, shared: true },
] as const

/** A search reads the names of all members, so it costs far more than anything else that is read. */
export const searchLimit = { per: 'account', name: 'search', max: 60, windowMs: MINUTE } as const

/** Deletions wait for each other, and those that are refused leave an audit entry. */
export const deletionLimit = { per: 'account', name: 'deletion', max: 30, windowMs: MINUTE } as const

/** Adding passkeys: far more than anybody has, far fewer than would fill a table. */
export const passkeyLimit = { per: 'account', name: 'passkeys', max: 30, windowMs: MINUTE } as const

/** Looks into the log of one's account, of which each costs what a page far back costs. */
export const accountEventsLimit = {
  per: 'account',
  name: 'account-events',
  max: 60,
  windowMs: MINUTE,
} as const
