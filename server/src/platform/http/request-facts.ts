import type { FastifyReply, FastifyRequest } from 'fastify'
import { cookieValue } from './authentication.ts'
import { refuseForgedRequest, refuseStrangePage, type SiteOrigins } from './cross-origin.ts'
import type { RequestFacts } from './route.ts'

const MAX_USER_AGENT = 512

/** Who may have sent a request to this route, and as what. */
export interface Door {
  readonly origins: SiteOrigins
  readonly takesForm: boolean
}

/** The facts handlers may ask for; worked out only when they do. */
export function requestFacts(request: FastifyRequest, reply: FastifyReply, door: Door): RequestFacts {
  return new LazyRequestFacts(request, reply, door)
}

class LazyRequestFacts implements RequestFacts {
  readonly #request: FastifyRequest
  readonly #reply: FastifyReply
  readonly #door: Door
  #signal: AbortSignal | undefined

  constructor(request: FastifyRequest, reply: FastifyReply, door: Door) {
    this.#request = request
    this.#reply = reply
    this.#door = door
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

  refuseForged(): void {
    const { origins, takesForm } = this.#door
    if (takesForm) refuseStrangePage(this.#request, origins)
    else refuseForgedRequest(this.#request, origins)
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
