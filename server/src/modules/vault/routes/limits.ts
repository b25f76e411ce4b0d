import { HOUR, MINUTE } from '../../../platform/durations.ts'

/** New pairs: stored, or put in the place of another (C10). */
export const newPairLimit = {
  per: 'account',
  name: 'secret-create',
  max: 10,
  windowMs: HOUR,
  shared: true,
} as const

/** Uses of stored pairs by their owner, whatever for (C10). */
export const secretUseLimit = { per: 'account', name: 'secret-use', max: 60, windowMs: MINUTE } as const

/** Looks into the log of a key, of which each costs what a page far back costs. */
export const credentialAuditLimit = {
  per: 'account',
  name: 'credential-audit',
  max: 60,
  windowMs: MINUTE,
} as const
