import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { lazy } from '../lazy.ts'
import { DEFAULT_RETRY, type RetryPolicy } from './backoff.ts'

/** One kind of work: its name, what it carries, how it is tried again. Made by `defineJob`. */
export interface JobKind<P> {
  readonly name: string
  /** The payload is sealed at rest, and failures are kept without their message. */
  readonly sealedPayload: boolean
  readonly retry: RetryPolicy
  /** Gives the payload back when it has the declared shape; throws `InvalidPayloadError` otherwise. */
  check(payload: unknown): P
}

/** What a kind of work carries, and how it is tried again. */
export interface JobKindOptions<S extends TSchema> {
  /** An object; field names are snake_case, as in all stored JSON. */
  readonly payload: S
  /** For payloads that hold a secret or personal data, such as a mail with a link in it. Default false. */
  readonly sealedPayload?: boolean
  /** Default: 15 attempts in about an hour. */
  readonly retry?: Partial<RetryPolicy>
}

/** A payload that its kind does not know. The message names the kind, never a value. */
export class InvalidPayloadError extends Error {
  override readonly name = 'InvalidPayloadError'
}

/** Thrown by a handler when trying again cannot help; the job becomes a dead letter at once. */
export class PermanentJobError extends Error {
  override readonly name = 'PermanentJobError'
}

/** Declares a kind of work. `name` is `<module>.<verb>` and must stay the same as long as such jobs may be waiting. */
export function defineJob<S extends TSchema>(name: string, options: JobKindOptions<S>): JobKind<Static<S>> {
  const validator = lazy(() => Compile(options.payload))
  return {
    name,
    sealedPayload: options.sealedPayload ?? false,
    retry: { ...DEFAULT_RETRY, ...options.retry },
    check(payload) {
      if (validator().Check(payload)) return payload
      throw new InvalidPayloadError(`The payload of a ${name} job does not have its declared shape.`)
    },
  }
}
