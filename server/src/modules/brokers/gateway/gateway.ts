import type { Readable } from 'node:stream'
import { MINUTE } from '../../../platform/durations.ts'
import { wholeBody } from '../../../platform/whole-body.ts'
import {
  type BrokerAnswer,
  isBrokerTarget,
  isBrokerUnreachable,
  type VaultClient,
  vaultUnavailable,
} from '../../vault/index.ts'
import type { Asker } from '../broker-data.ts'
import { brokersErrors } from '../brokers.errors.ts'
import { unreachable } from '../reading/refusals.ts'

const SHORT_BYTES = 16 * 1024
const PATH_MAX = 2_048 // what a grant for the vault process can carry, and more than any broker's path needs

/** A request for the gateway as it came. */
export interface GatewayRequest {
  readonly method: string
  /** Behind the credential's id, byte for byte, from its slash on. */
  readonly path: string
  /** With its question mark, or empty. */
  readonly query: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Readable | undefined
  /** Ends the request to the broker when whoever asked has gone. */
  readonly signal: AbortSignal
}

/** What the broker answered; a short body is there as a whole. */
export interface GatewayAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: Readable | Buffer
}

/**
 * Hands requests on to the broker of a credential and its answers back, unread. Sends each once. Whose the credential is,
 * whether it may be used and whether it may trade is decided by the vault process alone, which writes every use and every
 * refusal down before it opens anything, and lets only harmless headers through in either direction. Throws what it
 * refuses, `brokers.path_refused`, and `brokers.broker_unreachable`, also for a redirect.
 */
export function createGateway({ vault }: { readonly vault: Pick<VaultClient, 'use'> }) {
  return {
    async forward({ userId, credentialId, actor }: Asker, request: GatewayRequest): Promise<GatewayAnswer> {
      const { method, path, query, headers, body, signal } = request
      const target = { method, path, query }
      if (path.length > PATH_MAX || !isBrokerTarget(target)) throw brokersErrors.pathRefused()
      const claims = { owner: userId, credential: credentialId, purpose: 'gateway', ...target, actor }
      const sent = { headers: single(headers), ...(body === undefined ? {} : { body }) }
      const answer = await vault.use(claims, sent, signal).catch((error: unknown) => {
        throw isBrokerUnreachable(error) ? unreachable(MINUTE, error) : error
      })
      if (isRedirect(answer.status)) {
        answer.body.on('error', () => undefined).destroy()
        throw unreachable()
      }
      const isShort = Number(answer.headers['content-length']) <= SHORT_BYTES
      const whole = isShort ? await wholeBody(answer.body).catch(cutOff) : answer.body
      return { status: answer.status, headers: ownHeaders(answer.headers), body: whole }
    },
  }
}

export type Gateway = ReturnType<typeof createGateway>

/** The vault process went away while it answered. */
function cutOff(error: unknown): never {
  throw vaultUnavailable(error)
}

/** Headers that came once; of what was sent twice, nobody knows which one counts. */
function single(headers: GatewayRequest['headers']): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string') kept[name] = value
  }
  return kept
}

/** 304 leads nowhere: it says that what the asker has is still good (RFC 9110, section 15.4.5). */
function isRedirect(status: number): boolean {
  return status >= 300 && status < 400 && status !== 304
}

/** The request id of every answer is ours; how long an answer may be kept is ours to say as well. */
function ownHeaders(headers: BrokerAnswer['headers']): GatewayAnswer['headers'] {
  const { 'x-request-id': requestId, 'cache-control': _, ...rest } = headers
  return { ...rest, ...(requestId === undefined ? {} : { 'x-broker-request-id': requestId }) }
}
