import type { EventEndpoint, EventsOf } from '@outcry/contract/endpoint'
import type { Access } from './access.ts'
import type { Actor } from './actor.ts'
import type { Limit } from './route.ts'

/** One open stream, for whoever feeds it. */
export interface EventStream<Events> {
  /** Sends an event; does nothing once the stream has ended. A reader that does not keep up loses the stream. */
  send<Name extends keyof Events & string>(name: Name, data: Events[Name]): void
  /** Ends it after what was sent. Safe to call twice. */
  end(): void
  /** Aborted when the stream has ended, whoever ended it. */
  readonly ended: AbortSignal
}

/** A request for a stream, before it is open. */
export interface EventCall {
  readonly actor: Actor
  /** Whether the client had a stream before (it sent `Last-Event-ID`), and so may have missed something. */
  readonly isResumed: boolean
}

/** Feeds one stream from now until it ends. */
export type Feed<Events> = (stream: EventStream<Events>) => void

/** How a stream of events is served; nothing has a default. Only sessions get in, no personal access tokens. */
export interface EventRouteOptions<E extends EventEndpoint, Services> {
  readonly access: Exclude<Access, 'anyone' | 'optional' | 'token'>
  readonly limit: Limit
  /** Throws to refuse; what it returns is called once the stream is open. */
  open(call: EventCall, services: Services): Feed<EventsOf<E>>
}

/** A stream of events with its services, and the name its contract gives it. */
export interface BoundEventRoute {
  readonly name: string
  readonly endpoint: EventEndpoint
  readonly access: Access
  readonly limit: Limit
  readonly open: (call: EventCall) => Feed<Record<string, object>>
}

/** Serves a stream of events; `name` is that of the contract and becomes the operation id. */
export function bindEventRoute<const E extends EventEndpoint, Services>(
  { name, endpoint, services }: { readonly name: string; readonly endpoint: E; readonly services: Services },
  { access, limit, open }: EventRouteOptions<E, NoInfer<Services>>,
): BoundEventRoute {
  return {
    name,
    endpoint,
    access,
    limit,
    open: (call) => {
      const feed = open(call, services)
      return (stream) => feed(stream as EventStream<EventsOf<E>>)
    },
  }
}
