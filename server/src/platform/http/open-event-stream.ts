import type { ServerResponse } from 'node:http'
import type { EventEndpoint } from '@outcry/contract/endpoint'
import type { TObject } from 'typebox'
import { SECOND } from '../durations.ts'
import type { EventStream } from './event-route.ts'

/** How long a reader may take over what was sent before the end. */
const LINGER_MS = SECOND

/** What one stream is written with. */
export interface OpenEventStreamOptions {
  readonly events: EventEndpoint['events']
  /** The id of the last event that the client has seen; the next one is one higher. */
  readonly lastId: number
  /** How much may wait for a reader, in bytes. */
  readonly bufferBytes: number
}

/**
 * Writes events as https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream reads them. Only
 * what an event declares is written. Its head has been sent.
 */
export class OpenEventStream implements EventStream<Record<string, object>> {
  readonly #response: ServerResponse
  readonly #options: OpenEventStreamOptions
  readonly #end = new AbortController()
  #lastId: number

  constructor(response: ServerResponse, options: OpenEventStreamOptions) {
    this.#response = response
    this.#options = options
    this.#lastId = options.lastId
    if (response.destroyed) this.#end.abort()
    else response.once('close', () => this.#end.abort())
  }

  get ended(): AbortSignal {
    return this.#end.signal
  }

  send(name: string, data: object): void {
    const schema = this.#options.events[name]
    if (schema === undefined) throw new TypeError(`This stream declares no event ${name}.`)
    this.#lastId++
    this.#write(`id: ${this.#lastId}\nevent: ${name}\ndata: ${JSON.stringify(declaredIn(schema, data))}\n\n`)
  }

  /** Shows both ends, and what is between them, that the connection lives. */
  beat(): void {
    this.#write(':\n\n')
  }

  /** Says how long the client may wait before it opens the stream again. */
  retryAfter(ms: number): void {
    this.#write(`retry: ${ms}\n\n`)
  }

  end(): void {
    if (this.ended.aborted) return
    this.#end.abort()
    const response = this.#response
    const cut = setTimeout(() => response.destroy(), LINGER_MS)
    response.once('close', () => clearTimeout(cut))
    response.end()
  }

  #write(text: string): void {
    if (this.ended.aborted) return
    // Note: what the operating system holds for the reader is not counted.
    const waiting = this.#response.writableLength + Buffer.byteLength(text)
    if (waiting <= this.#options.bufferBytes) this.#response.write(text)
    else this.#response.destroy()
  }
}

function declaredIn({ properties }: TObject, data: object): object {
  return Object.fromEntries(Object.entries(data).filter(([field]) => field in properties))
}
