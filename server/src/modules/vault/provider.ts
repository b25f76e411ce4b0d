import type { Environment, Outcome } from '@outcry/contract/vault'

/** A key with its secret, open. Lives as short as it can, in the vault process alone. */
export interface KeyPair {
  readonly apiKey: string
  readonly secretKey: string
}

/** A broker's answer as far as telling its meaning needs: the body is cut after 16 KiB, and need not be JSON. */
export interface ProviderAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
}

/**
 * What the vault must know of one type of credential; the port that broker adapters implement. A plain value without
 * state, the same in the server and in the vault process.
 */
export interface CredentialProvider {
  /** The `credential_type`, such as `alpaca_paper`. */
  readonly type: string
  readonly environment: Environment
  /** The only host this type's keys are ever sent to (C64): an https origin, or one that the settings allow. */
  readonly origin: string
  /** The type of the same broker's other environment. */
  readonly counterpart?: string
  /** The header, in lower case, in which a broker's own client sends the id of a key, and may send its token for the gateway. */
  readonly tokenHeader: string
  /** The headers that sign a request in; names in lower case. */
  authHeaders(pair: KeyPair): Readonly<Record<string, string>>
  /** A cheap read that any working key may do, and which tells whether it works; without a query. */
  readonly probe: { readonly path: string }
  /** What an answer says of the key. `ok` also for what is the request's own fault, such as an unknown order. */
  classify(answer: ProviderAnswer): Outcome
}

/** Whether the broker took the key, though it may have blocked the account. */
export function isAccepted(outcome: Outcome | undefined): outcome is 'ok' | 'blocked' {
  return outcome === 'ok' || outcome === 'blocked'
}

/** Whether the broker said no to the key, here or because it belongs to the other environment. */
export function isRejected(outcome: Outcome | null | undefined): outcome is 'rejected' | 'wrong_environment' {
  return outcome === 'rejected' || outcome === 'wrong_environment'
}
