import type { ChoiceProblem, Outcome } from '@outcry/contract/vault'

/** Why a credential that is there cannot be used. */
export type CredentialTrouble = Exclude<ChoiceProblem, 'deleted'>

interface Usable {
  readonly is_active: boolean
  readonly expires_at: string | null
  readonly last_validation: Outcome | null
}

/** Everything that keeps a credential from being used; first what switching it on would not mend. */
export function troublesOf(
  { is_active, expires_at, last_validation }: Usable,
  now: Date,
): readonly CredentialTrouble[] {
  const isRefused = last_validation === 'rejected' || last_validation === 'wrong_environment'
  return [
    ...(isRefused ? (['refused'] as const) : []),
    ...(is_active ? [] : (['inactive'] as const)),
    ...(expires_at !== null && new Date(expires_at) <= now ? (['expired'] as const) : []),
  ]
}

/** The troubles in a word or two. */
export const troubleWords: Readonly<Record<CredentialTrouble, string>> = {
  refused: 'Refused by the broker',
  inactive: 'Off',
  expired: 'Expired',
}
