import { AppError } from '../errors.ts'
import type { Actor } from './actor.ts'
import type { BoundRoute } from './route.ts'

/** That somebody whose credential is good asked for what they may not do. */
export interface Refusal {
  readonly actor: Actor
  /** Method and pattern of the path: `PUT /api/v1/users/{id}`. */
  readonly route: string
  /** The code of the 403 they get. */
  readonly code: string
  readonly address: string
  readonly requestId: string
}

/** Hears of a refusal before it is answered. When it fails, that is the answer. */
export type OnRefused = (refusal: Refusal) => Promise<void>

/** Who was refused. */
export interface Refused {
  readonly actor: Actor | undefined
  readonly method: string
  readonly address: string
  readonly requestId: string
}

/** Lets `onRefused` hear of a 403 to somebody whose credential is good, then throws it; throws every other error at once. */
export type Hear = (refused: Refused, error: unknown) => Promise<never>

/** Whether a handler found what is to be heard of, such as that a token was not made for it. */
export function isHeardLate(error: unknown): boolean {
  return error instanceof AppError && error.isHeard
}

/** Hears for the route with this pattern of the path. */
export function createHearing(pattern: string, onRefused: OnRefused | undefined): Hear {
  return ({ actor, method, address, requestId }, error) => {
    const isHeard = actor !== undefined && error instanceof AppError && error.status === 403
    if (!isHeard || onRefused === undefined) throw error
    const route = `${method === 'HEAD' ? 'GET' : method} ${pattern}`
    return onRefused({ actor, route, code: error.code, address, requestId }).then(() => {
      throw error
    })
  }
}

/**
 * The same route, heard of also when only its handler finds what says that it is to be heard. Everything else that
 * modules refuse by their own rules they write down themselves.
 */
export function withHearing(bound: BoundRoute, hear: Hear): BoundRoute {
  if (bound.route.access === 'anyone') return bound
  const { method } = bound.route.endpoint
  return {
    ...bound,
    run: (call) => {
      const refuse = (error: unknown): Promise<never> => {
        if (!isHeardLate(error)) throw error
        const { clientAddress: address, id: requestId } = call.request
        return hear({ actor: call.actor, method, address, requestId }, error)
      }
      try {
        const result = bound.run(call)
        return result instanceof Promise ? result.catch(refuse) : result
      } catch (error) {
        return refuse(error)
      }
    },
  }
}
