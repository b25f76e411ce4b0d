import type { Environment } from '@outcry/contract/vault'
import { HOUR, MINUTE, SECOND } from '../../platform/durations.ts'

/** What may be done with a credential that takes more than being signed in (C36). */
export type Step = 'store' | 'rotate' | 'delete' | 'enable_trading' | 'activate' | 'widen_expiry'

const FRESH = (5 * MINUTE) / SECOND
const OF_TODAY = (12 * HOUR) / SECOND
const SIGNED_IN = Number.POSITIVE_INFINITY

const proofs: Readonly<Record<Environment, Readonly<Record<Step, number>>>> = {
  live: {
    store: FRESH,
    rotate: FRESH,
    delete: FRESH,
    enable_trading: FRESH,
    activate: FRESH,
    widen_expiry: FRESH,
  },
  paper: {
    store: OF_TODAY,
    rotate: OF_TODAY,
    delete: OF_TODAY,
    enable_trading: SIGNED_IN,
    activate: SIGNED_IN,
    widen_expiry: SIGNED_IN,
  },
}

/** How old, in seconds, the proof of who somebody is may be for these steps; `undefined` when any session will do. */
export function proofFor(environment: Environment, steps: readonly Step[]): number | undefined {
  const maxAge = Math.min(...steps.map((step) => proofs[environment][step]))
  return Number.isFinite(maxAge) ? maxAge : undefined
}
