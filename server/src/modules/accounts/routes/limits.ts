import { HOUR, MINUTE } from '../../../platform/durations.ts'

/** Sign-in by password, whichever path it takes (C10). */
export const loginLimits = [
  { per: 'address', name: 'login', max: 10, windowMs: MINUTE, shared: true },
  { per: 'address', name: 'login-hour', max: 100, windowMs: HOUR, shared: true },
] as const
