import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Outcome } from '@outcry/contract/vault'
import type { AuditGroup } from '../../../platform/audit/audit-group.ts'
import { type Sealer, SealIntegrityError, UnknownKeyError } from '../../../platform/crypto/sealed.ts'
import { errorCode } from '../../../platform/error-code.ts'
import type { Logger } from '../../../platform/log/logger.ts'
import { type BrokerHeaders, headersFromBroker, headersToBroker } from '../protocol/broker-headers.ts'
import { textsOf } from '../protocol/pair-frame.ts'
import { OUTCOME_HEADER, TRIAL, type UseClaims } from '../protocol/protocol.ts'
import { useEnded, useRefused } from '../protocol/use-entries.ts'
import type { CredentialProvider, KeyPair } from '../provider.ts'
import type { Admit, Admitted, GrantedUse } from './admit.ts'
import { type ReadAnswer, readAnswer } from './broker-answer.ts'
import type { BrokerHosts } from './broker-hosts.ts'
import { keyBinding } from './key-binding.ts'
import { createAskElsewhere } from './other-environment.ts'
import type { Seats } from './seats.ts'
import type { StoredKey } from './stored-key.store.ts'
import type { Trial } from './trial.ts'
import type { UseNotes } from './use-notes.ts'
import { VaultRefusal } from './vault-refusal.ts'

/** What the caller of the vault process sends, and where its answer goes. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

interface UseParts {
  readonly admit: Admit
  readonly seats: Seats
  readonly sealer: Sealer
  readonly hosts: BrokerHosts
  readonly trial: Trial
  readonly group: AuditGroup
  readonly notes: UseNotes
  readonly log: Logger
  /** How long a use may take from opening the key to the last byte of the answer, in milliseconds. */
  readonly totalMs: number
}

/** Answers that never have a body (RFC 9110, section 6.4.1). */
const BODILESS: ReadonlySet<number> = new Set([204, 304])

type Answer = ReadAnswer & { readonly status: number; readonly headers: BrokerHeaders }

/** Opens a pair. The bytes are wiped before this returns; the texts live until the request has gone out. */
function openPair(sealer: Sealer, key: StoredKey): KeyPair {
  const opened: Uint8Array[] = []
  const open = (half: 'api_key' | 'secret_key') => {
    const sealed = key[half]
    if (sealed === null) throw new SealIntegrityError()
    const bytes = sealer.open(keyBinding(half, key), sealed)
    opened.push(bytes)
    return bytes
  }
  try {
    return textsOf({ apiKey: open('api_key'), secretKey: open('secret_key') })
  } finally {
    for (const bytes of opened) bytes.fill(0)
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** Whether a stream was ended from our side, rather than by what the broker did. */
function isCut(error: unknown): boolean {
  const isAbort = error instanceof Error && error.name === 'AbortError'
  return isAbort || errorCode(error) === 'ERR_STREAM_PREMATURE_CLOSE'
}

/** A signal that ends a request to a broker when its time is over, or when the one who asked has gone. */
function startDeadline(response: ServerResponse, totalMs: number) {
  const leaving = new AbortController()
  const leave = () => leaving.abort()
  let isOver = false
  const deadline = setTimeout(() => {
    isOver = true
    leave()
  }, totalMs)
  response.once('close', leave)
  return {
    signal: leaving.signal,
    isOver: () => isOver,
    /** Stops waiting: nothing is under way any more. */
    end() {
      clearTimeout(deadline)
      response.off('close', leave)
    },
    /** Cuts what is still under way. */
    cut: leave,
  }
}

/** Hands an answer on: at once when all of it is there, else as fast as the reader takes it. */
async function handOn(response: ServerResponse, answer: Answer, method: string): Promise<void> {
  const { 'content-length': length, ...headers } = headersFromBroker(answer.headers)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  // Note: what is answered here is a POST, so that a length without a body would leave its reader waiting.
  const size = answer.body ? length : BODILESS.has(answer.status) ? undefined : answer.beginning.length
  if (size !== undefined && method !== 'HEAD') response.setHeader('content-length', size)
  response.setHeader(OUTCOME_HEADER, answer.outcome)
  response.writeHead(answer.status)
  if (answer.body === undefined) {
    response.end(answer.beginning)
    return
  }
  if (answer.beginning.length > 0) response.write(answer.beginning)
  await pipeline(answer.body, response)
}

/** Does what a grant allows: one request with a stored key, which is opened after its audit entry is durable (C78). */
export function createUse(parts: UseParts) {
  const { admit, seats, sealer, hosts, trial, group, notes, log, totalMs } = parts
  const askElsewhere = createAskElsewhere({ trial, group, log })

  const open = (claims: UseClaims, { key, isNewest }: Admitted): KeyPair => {
    try {
      if (!isNewest) throw new SealIntegrityError()
      return openPair(sealer, key)
    } catch (error) {
      const reason = error instanceof UnknownKeyError ? 'key_unknown' : 'integrity'
      if (reason === 'integrity' && !(error instanceof SealIntegrityError)) throw error
      log.warn({ credential: key.id, reason }, 'A stored broker key does not open where it is stored.')
      group.appendLater(useRefused(claims, reason))
      throw new VaultRefusal('unreadable', error)
    }
  }
  const ask = async (
    { claims, provider, pair }: { claims: UseClaims; provider: CredentialProvider; pair: KeyPair },
    request: IncomingMessage,
    signal: AbortSignal,
  ): Promise<Answer> => {
    const { method, path, query } = claims
    const headers = { ...headersToBroker(request.headers), ...provider.authHeaders(pair) }
    const body = hasBody(request) ? { body: request } : {}
    const incoming = await hosts.send(provider, { method, path, query, headers, signal, ...body })
    const read = await readAnswer(provider, path, incoming)
    // Note: no other use sends a key anywhere but to its own host (C64).
    const outcome =
      claims.purpose === TRIAL
        ? await trial.explain(provider, read.outcome, (other) =>
            askElsewhere(other, { claims, pair, signal }),
          )
        : read.outcome
    return { ...read, outcome, status: incoming.statusCode, headers: incoming.headers }
  }
  const run = async (claims: GrantedUse, { request, response }: Exchange): Promise<void> => {
    await hosts.prepare()
    const admitted = await admit.begin(claims)
    const { key, provider } = admitted
    const pair = open(claims, admitted)
    const patience = startDeadline(response, totalMs)
    let outcome: Outcome | 'abandoned' = 'unreachable'
    try {
      const answer = await ask({ claims, provider, pair }, request, patience.signal)
      await handOn(response, answer, claims.method)
      outcome = answer.outcome
    } catch (error) {
      const isLate = patience.isOver()
      patience.cut()
      if (response.destroyed && !isLate && isCut(error)) outcome = 'abandoned'
      if (!response.headersSent) {
        if (error instanceof VaultRefusal) throw error
        throw new VaultRefusal(isLate ? 'broker_timeout' : 'broker_unreachable', error)
      }
      response.destroy()
    } finally {
      patience.end()
      group.appendLater(useEnded(claims, outcome))
      if (outcome !== 'abandoned') notes.note(key, outcome)
    }
  }
  return async (claims: GrantedUse, exchange: Exchange): Promise<void> => {
    const seat = seats.take(claims.owner)
    if (seat === undefined) {
      group.appendLater(useRefused(claims, 'too_many'))
      throw new VaultRefusal('too_many')
    }
    await run(claims, exchange).finally(seat.leave)
  }
}
