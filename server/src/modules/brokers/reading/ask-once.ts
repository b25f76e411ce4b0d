import { type BrokerAnswer, isBrokerUnreachable, type VaultClient } from '../../vault/index.ts'
import type { AnswerHeaders, BrokerRead } from '../adapters/adapter.ts'
import { readBody } from './read-body.ts'

const MAX_BYTES = 8 * 1024 * 1024
const MAX_REFUSAL_BYTES = 64 * 1024

/** For whom a read is done: the owner, their credential, and who acts for them; the last goes into the audit log alone. */
export type UseFor = Pick<Parameters<VaultClient['use']>[0], 'owner' | 'credential' | 'actor'>

/** What became of one request. */
export type Asked<T> =
  | { readonly kind: 'read'; readonly value: T; readonly headers: AnswerHeaders }
  /** The broker says no to the key, to how often it asks, or to what was asked. */
  | { readonly kind: 'rejected' }
  | { readonly kind: 'rate_limited'; readonly headers: AnswerHeaders }
  | { readonly kind: 'refused'; readonly status: number }
  /** No answer that can be used: `isHost` when that is the host's fault, whoever asks. */
  | { readonly kind: 'failed'; readonly isHost: boolean; readonly cause?: unknown }

const HOST_FAILED = { kind: 'failed', isHost: true } as const
const UNREADABLE = { kind: 'failed', isHost: false } as const

/**
 * Sends one read to the broker through the vault and reads its answer, of at most 8 MiB. Throws what the vault itself
 * refuses, with which the broker had nothing to do.
 */
export async function askOnce<T>(
  vault: Pick<VaultClient, 'use'>,
  { read, by }: { readonly read: BrokerRead<T>; readonly by: UseFor },
  signal: AbortSignal,
): Promise<Asked<T>> {
  let answer: BrokerAnswer
  try {
    answer = await use(vault, { read, by }, signal)
  } catch (error) {
    if (!isBrokerUnreachable(error) && !signal.aborted) throw error
    return { ...HOST_FAILED, cause: error }
  }
  const { status, headers, outcome } = answer
  if (status >= 200 && status < 300) return readAnswer(read, answer, signal)
  await readBody(answer.body, { maxBytes: MAX_REFUSAL_BYTES, signal }).catch(() => undefined)
  if (status === 429 || outcome === 'rate_limited') return { kind: 'rate_limited', headers }
  if (status === 401 || outcome === 'rejected' || outcome === 'wrong_environment') return { kind: 'rejected' }
  if (status >= 500 || status === 408) return HOST_FAILED
  if (outcome === 'unreachable') return UNREADABLE
  return status === 403 ? { kind: 'rejected' } : { kind: 'refused', status }
}

/** Ends when the signal does, whether or not the vault heeds it; an answer that comes later is let go of. */
function use<T>(
  vault: Pick<VaultClient, 'use'>,
  { read, by }: { readonly read: BrokerRead<T>; readonly by: UseFor },
  signal: AbortSignal,
): Promise<BrokerAnswer> {
  const { purpose, path, query } = read
  const claims = { ...by, purpose, path, query, method: 'GET' }
  const headers = { accept: 'application/json' }
  return new Promise((resolve, reject) => {
    const stop = () => reject(new Error('The broker took too long.'))
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) return stop()
    vault
      .use(claims, { headers }, signal)
      .then((answer) => {
        if (signal.aborted) answer.body.destroy()
        resolve(answer)
      }, reject)
      .finally(() => signal.removeEventListener('abort', stop))
  })
}

async function readAnswer<T>(
  read: BrokerRead<T>,
  { body, headers }: BrokerAnswer,
  signal: AbortSignal,
): Promise<Asked<T>> {
  try {
    const found = await readBody(body, { maxBytes: MAX_BYTES, signal })
    if (typeof found === 'string') return UNREADABLE
    const value = read.parse(found.text)
    return value === undefined ? UNREADABLE : { kind: 'read', value, headers }
  } catch (error) {
    return { ...HOST_FAILED, cause: error }
  }
}
