import type { CredentialPlace } from './credential-rows.ts'

/** A plain insert of the row; the same with its audit entry; or all that the service does, the vault process included. */
export const STORE_WAYS = ['plain', 'audited', 'service'] as const
/** One of `STORE_WAYS`. */
export type StoreWay = (typeof STORE_WAYS)[number]

/** A member who is signed in, with a trading account. */
export interface Storer extends CredentialPlace {
  readonly sessionId: string
}

/** Who stores where in which way, so many at once. */
export interface StoreArgument {
  readonly env: Readonly<Record<string, string>>
  readonly way: StoreWay
  readonly storers: readonly Storer[]
  readonly inFlight: number
}
