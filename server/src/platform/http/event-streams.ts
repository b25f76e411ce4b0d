import { SECOND } from '../durations.ts'
import type { OpenEventStream } from './open-event-stream.ts'

/** How much streams of events may take. */
export interface EventStreamOptions {
  /** Open streams of one account in this process; the oldest makes room. Default 10. */
  readonly perAccount?: number
  /** Between signs of life; shorter than what proxies wait (60 s), and than our own idle time. Default 20 s. */
  readonly heartbeatMs?: number
  /** What may wait for a reader, in bytes; one that lets more wait is cut off. Default 64 KiB. */
  readonly bufferBytes?: number
}

/** A page that lost its place comes back later, so that eleven pages do not throw each other out all the time. */
const REPLACED_RETRY_MS = 60 * SECOND

/** Every open stream of events of one server. */
export class EventStreams {
  readonly bufferBytes: number
  readonly #perAccount: number
  readonly #heartbeatMs: number
  readonly #byAccount = new Map<string, Set<OpenEventStream>>()
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  constructor({
    perAccount = 10,
    heartbeatMs = 20 * SECOND,
    bufferBytes = 64 * 1_024,
  }: EventStreamOptions = {}) {
    this.bufferBytes = bufferBytes
    this.#perAccount = perAccount
    this.#heartbeatMs = heartbeatMs
  }

  /** Keeps a stream alive until it ends; the oldest of the account ends when there are too many. */
  add(accountId: string, stream: OpenEventStream): void {
    if (this.#isStopped) stream.end()
    if (stream.ended.aborted) return
    const own = this.#byAccount.get(accountId) ?? new Set()
    this.#byAccount.set(accountId, own.add(stream))
    stream.ended.addEventListener('abort', () => this.#remove(accountId, stream), { once: true })
    this.#timer ??= setInterval(() => this.#beat(), this.#heartbeatMs).unref()
    const [oldest] = own
    if (own.size <= this.#perAccount || oldest === undefined) return
    oldest.retryAfter(REPLACED_RETRY_MS)
    oldest.end()
  }

  /** Ends every stream, and each that is still to come. */
  stop(): void {
    this.#isStopped = true
    for (const stream of this.#all()) stream.end()
  }

  #all(): OpenEventStream[] {
    return [...this.#byAccount.values()].flatMap((own) => [...own])
  }

  #beat(): void {
    for (const stream of this.#all()) stream.beat()
  }

  #remove(accountId: string, stream: OpenEventStream): void {
    const own = this.#byAccount.get(accountId)
    own?.delete(stream)
    if (own?.size === 0) this.#byAccount.delete(accountId)
    if (this.#byAccount.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
