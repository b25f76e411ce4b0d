import { pipeline, type Readable, Transform } from 'node:stream'
import { MINUTE, SECOND } from '../../../platform/durations.ts'
import { AppError } from '../../../platform/errors.ts'
import { wholeBody } from '../../../platform/whole-body.ts'
import {
  type BrokerAnswer,
  isBrokerTarget,
  isBrokerUnreachable,
  isReading,
  mayBeDone,
  type VaultClient,
  vaultErrors,
  vaultLost,
} from '../../vault/index.ts'
import type { SentChange } from '../adapters/adapter.ts'
import type { Asker, BrokerData } from '../broker-data.ts'
import { brokersErrors } from '../brokers.errors.ts'
import { unreachable } from '../reading/refusals.ts'
import type { Timing } from '../reading/timing.ts'

const SHORT_BYTES = 16 * 1024
const SECOND_LOOK_MS = 1.5 * SECOND
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
  readonly wait: Timing['wait']
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
 * is looked up by that (R20), also when the broker answered that something on its side failed: it is answered with the order
 * as the broker shows it, or throws `brokers.order_absent`.
 */
export function createGateway({ vault, data, wait }: GatewayOptions) {
  /** What is not there may be on its way still, so it is looked for twice. */
  const find = async (asker: Asker, change: SentChange, signal: AbortSignal): Promise<string> => {
    try {
      return await data.placedOrder(asker, change)
    } catch (error) {
      if (!isAbsent(error)) throw error
      await wait(SECOND_LOOK_MS, signal)
      return data.placedOrder(asker, change)
    }
  }
  const forward = async (asker: Asker, request: GatewayRequest): Promise<GatewayAnswer> => {
    const { method, path, query, headers, signal } = request
    const target = { method, path, query }
    if (path.length > PATH_MAX || !isBrokerTarget(target)) throw brokersErrors.pathRefused()
    const { userId: owner, credentialId: credential, actor } = asker
    const claims = { owner, credential, purpose: 'gateway', ...target, actor }
    const { body, text } = keepShort(request)
    const sent = { headers: single(headers), ...(body === undefined ? {} : { body }) }
    const lookUp = async (): Promise<GatewayAnswer> => {
      const kept = text()
      if (kept === undefined || signal.aborted) throw brokersErrors.outcomeUnknown()
      const found = await find(asker, { method, path, body: kept }, signal)
      return { status: 200, headers: LOOKED_UP, body: Buffer.from(found) }
    }
    try {
      const answer = await vault.use(claims, sent, signal)
      const handed = await handBack(answer)
      if (answer.outcome !== 'unreachable' || text() === undefined) return handed
      return await lookUp().then(insteadOf(handed), () => handed)
    } catch (error) {
      if (!mayBeDone(error)) throw error
      if (isReading(method)) throw isBrokerUnreachable(error) ? unreachable(MINUTE, error) : error
      return lookUp().catch((lookUpError: unknown) => {
        throw isAbsent(lookUpError) ? lookUpError : brokersErrors.outcomeUnknown({}, { cause: error })
      })
    }
  }
  return { forward }
}

export type Gateway = ReturnType<typeof createGateway>

const ABSENT: string = brokersErrors.orderAbsent.code

function isAbsent(error: unknown): boolean {
  return error instanceof AppError && error.code === ABSENT
}

/** Lets go of an answer that something better was found for. */
function insteadOf({ body }: GatewayAnswer) {
  return (better: GatewayAnswer): GatewayAnswer => {
    if (!Buffer.isBuffer(body)) body.destroy()
    return better
  }
}

interface KeptBody {
  readonly body: Readable | undefined
  /** All of it, once all of it has come; `undefined` for what was not kept. */
  text(): string | undefined
}

/** Keeps a copy of what may be an order, for the case that its answer is lost; it goes on as it comes. */
function keepShort({ method, headers, body }: GatewayRequest): KeptBody {
  const length = Number(headers['content-length'])
  if (body === undefined || method !== 'POST' || !(length <= SHORT_BYTES))
    return { body, text: () => undefined }
  const chunks: Buffer[] = []
  const copying = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      done(null, chunk)
    },
  })
  pipeline(body, copying, () => undefined) // whoever reads it hears of trouble
  return {
    body: copying,
    text() {
      const bytes = Buffer.concat(chunks)
      return bytes.length === length ? bytes.toString() : undefined
    },
  }
}

async function handBack({ status, headers, body }: BrokerAnswer): Promise<GatewayAnswer> {
  if (isRedirect(status)) {
    body.on('error', () => undefined).destroy()
    throw vaultErrors.brokerUnreachable()
  }
  const isShort = Number(headers['content-length']) <= SHORT_BYTES
  const whole = isShort ? await wholeBody(body).catch(cutOff) : body
  return { status, headers: ownHeaders(headers), body: whole }
}

function cutOff(error: unknown): never {
  throw vaultLost(error)
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
