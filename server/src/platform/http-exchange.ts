import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'

/** One request as it goes out. */
export type HttpRequest = Pick<Dispatcher.DispatchOptions, 'method' | 'path' | 'headers' | 'body'> & {
  /** Ends the request, and the answer to it until all of that was read. */
  readonly signal?: AbortSignal
}

/** The answer to it; its connection is free again when the body has been read or destroyed. */
export interface HttpAnswer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Readable
}

interface Waiting {
  readonly resolve: (answer: HttpAnswer) => void
  readonly reject: (error: unknown) => void
}

/** Fails a stream, whether or not anybody listens to it. */
function fail(stream: Readable, error: Error): void {
  stream.on('error', () => undefined).destroy(error)
}

/** Hands one answer on as it comes, no faster than it is read. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: HttpRequest
  readonly #waiting: Waiting
  #controller: Dispatcher.DispatchController | undefined
  #body: Readable | undefined
  #isOver = false

  constructor(request: HttpRequest, waiting: Waiting) {
    this.#request = request
    this.#waiting = waiting
    request.signal?.addEventListener('abort', this.#cut, { once: true })
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#request.signal?.aborted) this.#cut()
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: HttpAnswer['headers'],
  ): void {
    if (statusCode < 200) return // an interim answer, which the final one follows (RFC 9110, section 15.2)
    this.#body = new Readable({
      read: () => controller.resume(),
      destroy: (error, done) => {
        this.#forgetSignal()
        if (!this.#isOver) controller.abort(error ?? new Error('The answer was let go of.'))
        done(error)
      },
    })
    this.#waiting.resolve({ statusCode, headers, body: this.#body })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#body?.push(chunk) === false) controller.pause()
  }

  onResponseEnd(): void {
    this.#isOver = true
    this.#body?.push(null)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#isOver = true
    this.#forgetSignal()
    this.#waiting.reject(error)
    // Note: whoever waits for the answer listens to its body first.
    const body = this.#body
    if (body) queueMicrotask(() => fail(body, error))
  }

  readonly #cut = (): void => {
    const reason = this.#request.signal?.reason
    if (this.#body) fail(this.#body, reason)
    else this.#controller?.abort(reason)
  }

  #forgetSignal(): void {
    this.#request.signal?.removeEventListener('abort', this.#cut)
  }
}

/**
 * Sends a request once and resolves with its answer as soon as its headers are there; rejects when there is none. What is left of
 * a stream that was to be sent is the caller's: it may be a request that has to be answered over the same socket. Note:
 * undici's own `request` does the same, but most of what it makes outlives the next collections of young objects, each of which
 * held the vault up for 7 to 17 ms (decision 130).
 */
export function sendOver(dispatcher: Dispatcher, request: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const { signal, ...options } = request
    signal?.throwIfAborted()
    dispatcher.dispatch(options, new Exchange(request, { resolve, reject }))
  })
}
