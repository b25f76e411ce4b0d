import type { Sealer } from '../crypto/sealed.ts'
import type { Tx } from '../db/index.ts'
import type { RetryPolicy } from './backoff.ts'
import type { JobRow } from './job.table.ts'
import { InvalidPayloadError, type JobKind } from './job-kind.ts'
import { payloadBinding } from './job-queue.ts'

/** One attempt at a job, as its handler sees it. */
export interface JobRun<P> {
  readonly id: string
  /** The same for every attempt at this job: hand it to outside services, so that two attempts have one effect. */
  readonly idempotencyKey: string
  /** 1 for the first. */
  readonly attempt: number
  /** When the job was added. */
  readonly queuedAt: Date
  readonly payload: P
  /** Aborted when the lease is lost or the worker stops without waiting longer. */
  readonly signal: AbortSignal
  /**
   * Finishes the job in the handler's own transaction (`db.withSystem`), so that what it wrote and the job's end are one
   * commit. Throws `LeaseLostError` when another worker has taken over: the transaction must then fail.
   */
  complete(tx: Tx): Promise<void>
}

/** Does one job. What it throws fails the attempt; a `PermanentJobError` fails the job. */
export type JobHandler<P> = (run: JobRun<P>) => Promise<void>

/** The lease of an attempt ran out and another worker may have the job. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError'
}

/** A kind with its handler, with the payload's type closed over. */
export interface RegisteredHandler {
  readonly name: string
  readonly sealedPayload: boolean
  readonly retry: RetryPolicy
  /** Set for work that is done again and again. */
  readonly everyMs: number | undefined
  run(job: JobRow, attempt: Omit<JobRun<unknown>, 'payload'>): Promise<void>
}

function readPayload<P>(kind: JobKind<P>, sealer: Sealer, job: JobRow): P {
  if (!kind.sealedPayload) return kind.check(job.payload)
  if (job.sealed_payload === null) {
    throw new InvalidPayloadError(`The payload of a ${kind.name} job is not sealed.`)
  }
  const opened = sealer.open(payloadBinding(job.id, job.kind), job.sealed_payload)
  try {
    return kind.check(JSON.parse(Buffer.from(opened).toString()))
  } finally {
    opened.fill(0)
  }
}

/** The handlers of one process, one per kind. */
export class JobHandlers {
  readonly #sealer: Sealer
  readonly #byKind = new Map<string, RegisteredHandler>()

  constructor(sealer: Sealer) {
    this.#sealer = sealer
  }

  /** Throws when the kind has a handler already. */
  add<P>(kind: JobKind<P>, handler: JobHandler<P>, everyMs?: number): void {
    if (this.#byKind.has(kind.name)) throw new TypeError(`The job kind ${kind.name} has two handlers.`)
    const sealer = this.#sealer
    this.#byKind.set(kind.name, {
      name: kind.name,
      sealedPayload: kind.sealedPayload,
      retry: kind.retry,
      everyMs,
      run: (job, attempt) => handler({ ...attempt, payload: readPayload(kind, sealer, job) }),
    })
  }

  get(kind: string): RegisteredHandler | undefined {
    return this.#byKind.get(kind)
  }

  get kinds(): readonly string[] {
    return [...this.#byKind.keys()]
  }
}
