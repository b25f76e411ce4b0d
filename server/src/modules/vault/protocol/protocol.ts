import type { Environment, Outcome } from '@outcry/contract/vault'

/**
 * What the server and the vault process say to each other: HTTP/1.1 over a Unix socket in a private folder. Every request
 * carries a grant, a signed list of exactly what it may do; without a good one there is no answer.
 */

/** On whose behalf and from where; goes into the audit log, never into a decision. */
export interface GrantActor {
  readonly sessionId?: string
  readonly tokenId?: string
  readonly address?: string
  readonly requestId?: string
}

/** What a sealing may do: try a new pair and seal it as a version of one row. */
export interface SealClaims {
  readonly operation: 'seal'
  readonly owner: string
  readonly credential: string
  readonly type: string
  readonly keyVersion: number
  /** Whether the pair is tried at the broker first. */
  readonly validate: boolean
  readonly actor: GrantActor
}

/** What a use may do: one request to the credential's own broker. */
export interface UseClaims {
  readonly operation: 'use'
  readonly owner: string
  readonly credential: string
  /** Why, in one word for the audit log: `positions`, `gateway`. `TRIAL` alone may have the other environment asked too. */
  readonly purpose: string
  readonly method: string
  /** Begins with a slash; without query. */
  readonly path: string
  /** With its question mark, or empty. */
  readonly query: string
  readonly actor: GrantActor
}

/** The purpose of a use by which owners have a key tried. */
export const TRIAL = 'validate'

export type GrantClaims = SealClaims | UseClaims

/** Claims as they are signed: good once, until `expiresAt` (milliseconds since 1970), at most 10 s away. */
export type Grant = GrantClaims & { readonly nonce: string; readonly expiresAt: number }

/** The header that carries a grant: base64url of its JSON, a dot, base64url of the HMAC-SHA-256 over those JSON bytes. */
export const GRANT_HEADER = 'x-grant'
/** What the broker made of the key, on the answer to a use. */
export const OUTCOME_HEADER = 'x-vault-outcome'
/** Why the vault itself refused; one of `vaultFaults`. */
export const FAULT_HEADER = 'x-vault-fault'
/** How long a grant is good for. */
export const GRANT_LIFE_MS = 10_000

/** How long a use may take, from opening the key to the last byte of the answer, in milliseconds. */
export const USE_MAX_MS = 10_000

/** Why the vault process did not do what it was asked for. */
export const vaultFaults = [
  'grant_refused',
  'not_found',
  'inactive',
  'trading_not_enabled',
  'unreadable',
  'too_many',
  'broker_unreachable',
  'broker_timeout',
  'unaudited',
  'bad_request',
] as const
/** One of `vaultFaults`. */
export type VaultFault = (typeof vaultFaults)[number]

/** What becomes of a sealed pair; bytes as base64 on the wire. `sealed` is absent when the broker refused the pair. */
export interface SealAnswer {
  /** Absent when the pair was not tried. */
  readonly outcome?: Outcome
  readonly sealed?: {
    readonly apiKey: string
    readonly secretKey: string
    readonly fingerprint: string
    readonly keyHint: string
    readonly environment: Environment
  }
}
