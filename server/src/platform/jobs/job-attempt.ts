import type { Clock } from '../clock.ts'
import type { Db, Tx } from '../db/index.ts'
import { errorCode } from '../error-code.ts'
import type { Logger } from '../log/logger.ts'
import { redactText } from '../log/redaction.ts'
import { nextAttemptAt } from './backoff.ts'
import { deleteLeasedJob, releaseJob } from './job.store.ts'
import type { JobRow } from './job.table.ts'
import { LeaseLostError, type RegisteredHandler } from './job-handlers.ts'
import { InvalidPayloadError, PermanentJobError } from './job-kind.ts'

const ERROR_MAX = 500

/** What attempts are made with. */
export interface AttemptOptions {
  readonly db: Db
  readonly clock: Clock
  readonly log: Pick<Logger, 'warn' | 'error'>
  /** In [0, 1); spreads attempts out. */
  readonly random: () => number
}

/** A job whose attempt runs here, with the lease that guards it. */
export interface ClaimedJob {
  readonly job: JobRow
  readonly token: string
  readonly handler: RegisteredHandler
  readonly abort: AbortController
}

/** What is kept of a failure: never the message of one whose payload is sealed, which may quote it. */
function describeFailure(error: unknown, isSealed: boolean): string {
  if (!(error instanceof Error)) return 'Something that is not an error was thrown.'
  const kind = [error.name, errorCode(error)].filter((word) => word !== undefined).join(' ')
  const text = isSealed ? kind : `${kind}: ${redactText(error.message)}`
  return [...text.replaceAll('\0', '').toWellFormed()].slice(0, ERROR_MAX).join('')
}

/** Runs claimed jobs to an end that is stored: done, to be tried again, or dead. */
export function createAttempts({ db, clock, log, random }: AttemptOptions) {
  const finish = async (tx: Tx, { job, token, handler }: ClaimedJob): Promise<number> => {
    if (handler.everyMs === undefined) return deleteLeasedJob.run(tx, { id: job.id, token })
    const next = new Date(clock.now().getTime() + handler.everyMs)
    const patch = { due_at: next, run_at: next, attempts: 0, lease_token: null, last_error: null }
    return releaseJob(tx, { id: job.id, lease_token: token }, patch)
  }

  const afterFailure = ({ job, handler }: ClaimedJob, error: unknown) => {
    const now = clock.now()
    const isPermanent = error instanceof PermanentJobError || error instanceof InvalidPayloadError
    const failed = { attempts: job.attempts, runAt: job.run_at, now, random: random() }
    const retryAt = isPermanent ? undefined : nextAttemptAt(handler.retry, failed)
    if (retryAt) return { due_at: retryAt }
    if (handler.everyMs === undefined) return { dead_at: now }
    const nextRound = new Date(now.getTime() + handler.everyMs)
    return { due_at: nextRound, run_at: nextRound, attempts: 0 }
  }

  const fail = async (claimed: ClaimedJob, error: unknown): Promise<void> => {
    const { job, token, handler } = claimed
    const after = afterFailure(claimed, error)
    const reason = describeFailure(error, handler.sealedPayload)
    const facts = { job_id: job.id, job_kind: job.kind, attempt: job.attempts, reason }
    if ('dead_at' in after) log.error(facts, 'A job failed for good and is kept as a dead letter.')
    else log.warn(facts, 'A job failed and will be tried again.')
    const patch = { ...after, lease_token: null, last_error: reason }
    await db.withSystem((tx) => releaseJob(tx, { id: job.id, lease_token: token }, patch))
  }

  const attempt = async (claimed: ClaimedJob): Promise<void> => {
    const { job, handler, abort } = claimed
    if (job.attempts > handler.retry.maxAttempts) {
      throw new PermanentJobError('The worker died during the last attempt.')
    }
    let isComplete = false
    await handler.run(job, {
      id: job.id,
      idempotencyKey: job.id,
      attempt: job.attempts,
      queuedAt: job.created_at,
      signal: abort.signal,
      async complete(tx) {
        if ((await finish(tx, claimed)) === 0) throw new LeaseLostError('This job was taken over.')
        tx.afterCommit(() => {
          isComplete = true
        })
      },
    })
    if (!isComplete) await db.withSystem((tx) => finish(tx, claimed))
  }

  /** Resolves when the attempt's end is stored, or could not be: then its lease runs out and it is done again. */
  return async (claimed: ClaimedJob): Promise<void> => {
    try {
      await attempt(claimed)
    } catch (error) {
      const facts = { job_id: claimed.job.id, job_kind: claimed.job.kind }
      if (error instanceof LeaseLostError) {
        log.warn(facts, 'A job took longer than its lease and was taken over.')
        return
      }
      await fail(claimed, error).catch((failure: unknown) => {
        const reason = describeFailure(failure, true)
        log.error({ ...facts, reason }, 'The end of a job could not be stored; it will run again.')
      })
    }
  }
}
