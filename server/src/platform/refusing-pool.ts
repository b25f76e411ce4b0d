import type { Pool } from 'undici'
import { type HttpAnswer, type HttpRequest, sendOver } from './http-exchange.ts'

/** What opens a pool, beside what all of them have in common. */
export type RefusingPoolOptions = Pick<
  Pool.Options,
  'connect' | 'headersTimeout' | 'bodyTimeout' | 'maxResponseSize'
> & { readonly connections: number }

/** The connections to one origin. */
export interface RefusingPool {
  /**
   * Sends a request once, over a connection that carries nothing else meanwhile; `undefined` at once when all connections are
   * taken. Follows no redirect, repeats nothing.
   */
  request(request: HttpRequest): Promise<HttpAnswer | undefined>
  /** Ends everything that is under way. */
  destroy(): Promise<void>
}

type Undici = typeof import('undici')

let loading: Promise<Undici> | undefined

/**
 * Loads the HTTP client, once; a load that fails is tried again. No start needs it, and asking Node for it again at each request
 * would take a twentieth of a use of a broker key.
 */
export function loadHttpClient(): Promise<Undici> {
  loading ??= import('undici').catch((error: unknown) => {
    loading = undefined
    throw error
  })
  return loading
}

/** Opens a pool whose connections are made as they are needed. Whoever would have to wait for one is refused instead. */
export function openRefusingPool(
  { Pool }: Undici,
  origin: string,
  options: RefusingPoolOptions,
): RefusingPool {
  const { connections } = options
  // Note: over HTTP/2 a request may be repeated on another connection; an order must not be.
  const pool = new Pool(origin, { ...options, allowH2: false, pipelining: 1 })
  let underWay = 0
  const leave = () => void underWay--
  return {
    async request(request) {
      if (underWay >= connections) return undefined
      underWay++
      try {
        const answer = await sendOver(pool, request)
        answer.body.once('close', leave)
        return answer
      } catch (error) {
        leave()
        throw error
      }
    },
    destroy: () => pool.destroy(),
  }
}
