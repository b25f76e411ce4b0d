import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type Environment, type Outcome, outcomes } from '@outcry/contract/vault'
import type { AppError } from '../../platform/errors.ts'
import { type BrokerHeaders, headersFromBroker, headersToBroker } from './protocol/broker-headers.ts'
import { framePair } from './protocol/pair-frame.ts'
import {
  FAULT_HEADER,
  type GrantClaims,
  OUTCOME_HEADER,
  type SealAnswer,
  type SealClaims,
  type UseClaims,
  type VaultFault,
  vaultFaults,
} from './protocol/protocol.ts'
import type { KeyPair } from './provider.ts'
import { vaultErrors, vaultLost, vaultUnavailable } from './vault.errors.ts'
import type { VaultLink, VaultRequest } from './vault-link.ts'

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

/** What the vault's refusals are called outside; whatever is not in here is the vault's own trouble. */
const REFUSALS: Readonly<Partial<Record<VaultFault, () => AppError>>> = {
  not_found: () => vaultErrors.credentialNotFound(),
  inactive: () => vaultErrors.credentialInactive(),
  trading_not_enabled: () => vaultErrors.tradingNotEnabled(),
  unreadable: () => vaultErrors.credentialUnreadable(),
  too_many: () => vaultErrors.tooManyUses({}, { headers: { 'retry-after': '1' } }),
  broker_unreachable: () => vaultErrors.brokerUnreachable(),
  broker_timeout: () => vaultErrors.brokerUnreachable(),
}

interface VaultAnswer {
  readonly statusCode: number
  readonly headers: BrokerHeaders
  readonly body: Readable
}

function refusalOf({ headers }: VaultAnswer): AppError {
  const fault = vaultFaults.find((known) => known === headers[FAULT_HEADER])
  const refusal = fault && REFUSALS[fault]
  return refusal
    ? refusal()
    : vaultUnavailable(new Error(`The vault process refused: ${fault ?? 'it failed'}.`))
}

function isSealAnswer(value: unknown): value is SealAnswer {
  return typeof value === 'object' && value !== null
}

function sealResultOf({ outcome, sealed }: SealAnswer): SealResult {
  if (sealed === undefined) return { outcome, sealed }
  const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))
  return {
    outcome,
    sealed: {
      ...sealed,
      apiKey: bytes(sealed.apiKey),
      secretKey: bytes(sealed.secretKey),
      fingerprint: bytes(sealed.fingerprint),
    },
  }
}

/** Speaks to the vault at the other end of `link`. */
export function createVaultClient(link: VaultLink): VaultClient {
  const send = async (claims: GrantClaims, request: VaultRequest): Promise<VaultAnswer> => {
    const answer = await link.send(claims, request).catch((error: unknown) => {
      throw vaultLost(error)
    })
    if (answer === undefined) throw vaultUnavailable()
    // Note: a stream that nobody listens to throws, where nobody can catch it, when it is cut off or let go of.
    answer.body.on('error', () => undefined)
    return answer
  }
  return {
    async seal(claims, pair) {
      const frame = framePair(pair)
      try {
        const answer = await send({ operation: 'seal', ...claims }, { headers: {}, body: frame })
        const said = await text(answer.body)
        if (answer.statusCode !== 200) throw refusalOf(answer)
        const result: unknown = JSON.parse(said)
        if (!isSealAnswer(result)) throw vaultUnavailable()
        return sealResultOf(result)
      } finally {
        frame.fill(0)
      }
    },
    async use(claims, { headers, body }, signal) {
      const request = { headers: headersToBroker(headers), body: body ?? null, ...(signal ? { signal } : {}) }
      const answer = await send({ operation: 'use', ...claims }, request)
      const outcome = outcomes.find((known) => known === answer.headers[OUTCOME_HEADER])
      if (outcome === undefined) {
        answer.body.resume()
        throw refusalOf(answer)
      }
      const { statusCode: status, headers: answered } = answer
      return { status, headers: headersFromBroker(answered), body: answer.body, outcome }
    },
  }
}
