import { createRandom } from '../market/seeded.ts'

export const ACCOUNT_STATUSES = [
  ...['ONBOARDING', 'SUBMISSION_FAILED', 'SUBMITTED', 'ACCOUNT_UPDATED', 'APPROVAL_PENDING'],
  ...['ACTIVE', 'REJECTED'],
] as const

/** What the vendor lets an account do. Tests and people change it through the controls. */
export type Standing = {
  status: string
  multiplier: '1' | '2' | '4'
  isPatternDayTrader: boolean
  isSuspendedByUser: boolean
  isTradingBlocked: boolean
  areTransfersBlocked: boolean
  isAccountBlocked: boolean
  isShortingEnabled: boolean
}

/** The states an account can be put into in one word. */
export const STANDINGS = {
  ok: {},
  blocked: { isAccountBlocked: true, isTradingBlocked: true, areTransfersBlocked: true },
  trading_blocked: { isTradingBlocked: true },
  suspended: { isSuspendedByUser: true },
  pattern_day_trader: { isPatternDayTrader: true, multiplier: '4' },
  cash: { multiplier: '1', isShortingEnabled: false },
  onboarding: { status: 'ONBOARDING', isTradingBlocked: true },
  rejected: { status: 'REJECTED', isAccountBlocked: true, isTradingBlocked: true },
} as const satisfies Record<string, Partial<Standing>>

/** An account in good order: with a margin of two, or of cash only, as the labels have it. */
export function goodStanding(labels: readonly string[]): Standing {
  const multiplier = createRandom('standing', ...labels).int(1, 3) === 1 ? '1' : '2'
  return {
    ...{ status: 'ACTIVE', multiplier, isPatternDayTrader: false, isSuspendedByUser: false },
    ...{ isTradingBlocked: false, areTransfersBlocked: false, isAccountBlocked: false },
    isShortingEnabled: multiplier !== '1',
  }
}
