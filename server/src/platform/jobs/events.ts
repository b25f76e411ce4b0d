import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Tx } from '../db/index.ts'
import { lazy } from '../lazy.ts'
import type { RetryPolicy } from './backoff.ts'
import type { JobHandler } from './job-handlers.ts'
import { defineJob, InvalidPayloadError, type JobKind } from './job-kind.ts'
import type { Jobs } from './jobs.ts'

/** One fact that happened. */
export interface DomainEvent<P> {
  readonly kind: EventKind<P>
  readonly payload: P
}

/** One kind of event. Called with a payload, it makes the event. */
export interface EventKind<P> {
  (payload: P): DomainEvent<P>
  /** `<module>.<past_tense>`, such as `video.published`. */
  readonly eventName: string
  /** The job that brings the event to one listener. */
  deliveryTo(listener: string, retry?: Partial<RetryPolicy>): JobKind<P>
}

/** Whoever reacts to a kind of event. */
export interface Listener<P> {
  /** `<module>.<what it does>`; must stay the same as long as events may be on their way to it. */
  readonly name: string
  readonly run: JobHandler<P>
  readonly retry?: Partial<RetryPolicy>
}

/** Brings events to listeners, each by a job of its own: one failing listener holds up no other. */
export interface Events {
  /**
   * Adds one job per listener in the caller's transaction: all are delivered, at least once each, if and only if it
   * commits. Throws `InvalidPayloadError` for a payload that is not as declared.
   */
  emit<P>(tx: Tx, event: DomainEvent<P>): Promise<void>
  /**
   * Registers a listener; to be done while the application is put together, in every role, because the process that
   * emits decides who is told. Throws when the event has a listener of that name already.
   */
  on<P>(kind: EventKind<P>, listener: Listener<P>): void
}

/** Declares a kind of event. Events carry ids, not secrets: they are not sealed. */
export function defineEvent<S extends TSchema>(name: string, schema: S): EventKind<Static<S>> {
  const validator = lazy(() => Compile(schema))
  const make = (payload: Static<S>): DomainEvent<Static<S>> => {
    if (!validator().Check(payload)) {
      throw new InvalidPayloadError(`The payload of ${name} does not have its declared shape.`)
    }
    return { kind, payload }
  }
  const kind: EventKind<Static<S>> = Object.assign(make, {
    eventName: name,
    deliveryTo: (listener: string, retry: Partial<RetryPolicy> = {}) =>
      defineJob(`${name} > ${listener}`, { payload: schema, retry }),
  })
  return kind
}

type Deliver = (tx: Tx, payload: unknown) => Promise<unknown>

/** Makes the events of one process, delivered by its jobs. */
export function createEvents(jobs: Pick<Jobs, 'enqueue' | 'handle'>): Events {
  const listeners = new Map<string, Deliver[]>()
  return {
    async emit(tx, { kind, payload }) {
      for (const deliver of listeners.get(kind.eventName) ?? []) await deliver(tx, payload)
    },
    on(kind, { name, run, retry }) {
      const delivery = kind.deliveryTo(name, retry)
      jobs.handle(delivery, run)
      const deliver: Deliver = (tx, payload) =>
        jobs.enqueue(tx, { kind: delivery, payload: delivery.check(payload) })
      listeners.set(kind.eventName, [...(listeners.get(kind.eventName) ?? []), deliver])
    },
  }
}
