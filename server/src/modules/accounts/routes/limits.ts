export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS

/** Sign-in by password, whichever path it takes (C10). */
export const loginLimits = [
  { per: 'address', name: 'login', max: 10, windowMs: MINUTE_MS, shared: true },
  { per: 'address', name: 'login-hour', max: 100, windowMs: HOUR_MS, shared: true },
] as const
