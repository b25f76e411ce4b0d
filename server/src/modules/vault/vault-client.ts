import type { Readable } from 'node:stream'
import type { Environment, Outcome } from '@outcry/contract/vault'
import type { SealClaims, UseClaims } from './process/protocol.ts'
import type { KeyPair } from './provider.ts'

/** A new pair, sealed; nobody outside the vault process can open it. */
export interface SealedPair {
  readonly apiKey: Uint8Array
  readonly secretKey: Uint8Array
  readonly fingerprint: Uint8Array
  readonly keyHint: string
  readonly environment: Environment
}

/** What became of a new pair. `sealed` is absent when the broker refused it. */
export interface SealResult {
  /** Absent when the pair was not tried. */
  readonly outcome: Outcome | undefined
  readonly sealed: SealedPair | undefined
}

/** What goes to the broker beside method, path and query; headers in lower case, without any key. */
export interface BrokerRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Readable | Uint8Array
}

/** What the broker answered, and what that says of the key. The reader of `body` reads it to its end or destroys it. */
export interface BrokerAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: Readable
  readonly outcome: Outcome
}

/**
 * The server's end of the vault process. Each call is sent once and never again: when the process dies meanwhile, the
 * call fails with `vault.unavailable`. Throws the `vault.*` error for what the process refuses.
 */
export interface VaultClient {
  /** Tries a new pair if the claims say so, and seals it. The caller lets go of the pair at once. */
  seal(claims: Omit<SealClaims, 'operation'>, pair: KeyPair): Promise<SealResult>
  /** Does one request with a stored key, after its audit entry is durable. */
  use(
    claims: Omit<UseClaims, 'operation'>,
    request: BrokerRequest,
    signal?: AbortSignal,
  ): Promise<BrokerAnswer>
}
