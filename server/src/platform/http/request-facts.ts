import type { FastifyReply, FastifyRequest } from 'fastify'
import { cookieValue } from './authentication.ts'
import type { RequestFacts } from './route.ts'

const MAX_USER_AGENT = 512

/** The facts handlers may ask for; worked out only when they do. */
export function requestFacts(request: FastifyRequest, reply: FastifyReply): RequestFacts {
  return new LazyRequestFacts(request, reply)
}

class LazyRequestFacts implements RequestFacts {
  readonly #request: FastifyRequest
  readonly #reply: FastifyReply
  #signal: AbortSignal | undefined

  constructor(request: FastifyRequest, reply: FastifyReply) {
    this.#request = request
    this.#reply = reply
  }

  get id(): string {
    return this.#request.id
  }

  get clientAddress(): string {
    return this.#request.call.clientAddress
  }

  get userAgent(): string {
    return (this.#request.headers['user-agent'] ?? '').slice(0, MAX_USER_AGENT)
  }

  cookie(name: string): string | undefined {
    const { cookie } = this.#request.headers
    return cookie === undefined ? undefined : cookieValue(cookie, name)
  }

  get isFromBrowser(): boolean {
    return this.#request.headers['sec-fetch-site'] !== undefined
  }

  get signal(): AbortSignal {
    this.#signal ??= abortedWithClient(this.#reply)
    return this.#signal
  }
}

function abortedWithClient({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController()
  if (raw.destroyed) controller.abort()
  else raw.once('close', () => raw.writableFinished || controller.abort())
  return controller.signal
}
