import type { Readable } from 'node:stream'
import { MINUTE } from '../../../platform/durations.ts'
import { AppError } from '../../../platform/errors.ts'
import { isWriting } from '../../../platform/http/cross-origin.ts'
import { wholeBody } from '../../../platform/whole-body.ts'
import {
  type BrokerAnswer,
  isBrokerTarget,
  isBrokerUnreachable,
  type VaultClient,
  vaultUnavailable,
} from '../../vault/index.ts'
import type { SentChange } from '../adapters/adapter.ts'
import type { Asker, BrokerData } from '../broker-data.ts'
import { brokersErrors } from '../brokers.errors.ts'
import { unreachable } from '../reading/refusals.ts'

const SHORT_BYTES = 16 * 1024
const LOOKED_UP = { 'content-type': 'application/json', 'x-broker-answer': 'looked-up' } as const
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

/** What the gateway forwards through, and looks lost orders up with. */
export interface GatewayOptions {
  readonly vault: Pick<VaultClient, 'use'>
  readonly data: Pick<BrokerData, 'placedOrder'>
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
 *
 * A change whose answer is lost may have been made: it throws `brokers.outcome_unknown`. An order that its sender gave an id
 * is looked up by that (R20): it is answered with the order as the broker shows it, or throws `brokers.order_absent`.
 */
export function createGateway({ vault, data }: GatewayOptions) {
  const lookUp = async (asker: Asker, change: SentChange, cause: unknown): Promise<GatewayAnswer> => {
    const found = await data.placedOrder(asker, change).catch((error: unknown) => {
      const isAbsent = error instanceof AppError && error.code === 'brokers.order_absent'
      throw isAbsent ? error : brokersErrors.outcomeUnknown({}, { cause })
    })
    return { status: 200, headers: LOOKED_UP, body: Buffer.from(found) }
  }
  return {
    async forward(asker: Asker, request: GatewayRequest): Promise<GatewayAnswer> {
      const { method, path, query, headers, signal } = request
      const target = { method, path, query }
      if (path.length > PATH_MAX || !isBrokerTarget(target)) throw brokersErrors.pathRefused()
      const { userId: owner, credentialId: credential, actor } = asker
      const claims = { owner, credential, purpose: 'gateway', ...target, actor }
      const body = await bodyOf(request)
      const sent = { headers: single(headers), ...(body === undefined ? {} : { body }) }
      try {
        return await handBack(await vault.use(claims, sent, signal))
      } catch (error) {
        if (!(error instanceof CutOff) && !isBrokerUnreachable(error)) throw error
        if (!isWriting(method)) throw refusalOf(error)
        if (!Buffer.isBuffer(body) || signal.aborted) throw brokersErrors.outcomeUnknown({}, { cause: error })
        return lookUp(asker, { method, path, body: body.toString() }, error)
      }
    },
  }
}

export type Gateway = ReturnType<typeof createGateway>

/** The vault process went away while it answered. */
class CutOff extends Error {}

/** The body of what may be an order as a whole, for the case that its answer is lost; any other as it comes. */
async function bodyOf({ method, headers, body }: GatewayRequest): Promise<Buffer | Readable | undefined> {
  if (body === undefined || method !== 'POST' || !(Number(headers['content-length']) <= SHORT_BYTES))
    return body
  return wholeBody(body).catch((error: unknown) => {
    throw vaultUnavailable(error) // whoever asked has gone
  })
}

async function handBack({ status, headers, body }: BrokerAnswer): Promise<GatewayAnswer> {
  if (isRedirect(status)) {
    body.on('error', () => undefined).destroy()
    throw unreachable()
  }
  const isShort = Number(headers['content-length']) <= SHORT_BYTES
  const whole = isShort ? await wholeBody(body).catch(cutOff) : body
  return { status, headers: ownHeaders(headers), body: whole }
}

/** The 503 of a read that can be asked again. */
function refusalOf(error: unknown): AppError {
  return error instanceof CutOff ? vaultUnavailable(error) : unreachable(MINUTE, error)
}

function cutOff(cause: unknown): never {
  throw new CutOff('The answer was cut off.', { cause })
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
