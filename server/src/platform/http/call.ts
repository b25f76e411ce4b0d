import type { Actor } from './actor.ts'

/** What the platform knows about one request while it is served. */
export interface Call {
  readonly clientAddress: string
  /** The pattern of the path, for logs and metrics; never the path itself, which may hold ids and tokens. */
  route: string
  actor: Actor | undefined
  /** The idempotency claim whose answer is still to be stored. */
  claim: string | undefined
}

declare module 'fastify' {
  interface FastifyRequest {
    call: Call
  }
}
