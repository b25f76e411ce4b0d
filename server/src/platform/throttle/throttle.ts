import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../clock.ts'
import type { KeySet, SecretKey } from '../crypto/key-ring.ts'
import type { Db, Tx } from '../db/index.ts'
import { DAY } from '../durations.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { createSubjectDigest } from './subject-digest.ts'
import {
  deleteCounter,
  deleteEndedWindows,
  deleteIdleCounters,
  findCounter,
  lockCounter,
  updateCounter,
} from './throttle.store.ts'
import type { ThrottleCounterRow } from './throttle.table.ts'
import {
  NO_FAILURES,
  type Standing,
  standing,
  type ThrottlePolicy,
  type ThrottleState,
  withFailure,
  withSuccess,
} from './throttle-policy.ts'

const FORGET_AFTER_MS = 90 * DAY // so slow a guesser gets nowhere, and names that nobody has do not pile up
const INTEGER_MAX = 2_147_483_647

/** How an attempt ended. */
export interface EndedAttempt<T> {
  /** What it brought about; absent when it was refused or failed. */
  readonly success: T | undefined
  readonly isAllowed: boolean
  /** How the subject stands now. When it says other than `open` of an attempt that was allowed, that attempt was the cause. */
  readonly standing: Standing
}

/**
 * Slows down guessing, across processes and restarts (C7, C8, C12). Subjects that do not exist are counted like those that
 * do. A delay is a refusal until it is over; nothing ever sleeps. Transactions are of `db.withSystem`.
 */
export interface Throttle {
  /**
   * Whether an attempt may go on, checked and counted in one commit. It is counted as a failure from the start, so that of
   * parallel attempts no more pass than the policy lets; call `clear` when it turns out right. Refused ones do not count.
   */
  take(policy: ThrottlePolicy, subject: string): Promise<boolean>
  /**
   * Makes an attempt whose outcome is known in the same commit that counts it. Others at this subject wait until the
   * transaction ends, so that of parallel attempts no more are looked at than the policy lets; tell nobody the outcome
   * before the commit. `look` runs only when the attempt may go on; what it gives is a success and ends the run of
   * consecutive failures, `undefined` is a failure. Refused ones do not count.
   */
  attempt<T>(
    tx: Tx,
    {
      policy,
      subject,
      look,
    }: { policy: ThrottlePolicy; subject: string; look: () => Promise<T | undefined> },
  ): Promise<EndedAttempt<T>>
  /**
   * Takes back the failure that `take` counted and ends the run of consecutive failures, in the transaction of what the
   * attempt proved. Not to be called without a `take` that said yes.
   */
  clear(tx: Tx, policy: ThrottlePolicy, subject: string): Promise<void>
  /** Looks without counting. When it says other than `open` right after a failed attempt, that attempt was the cause. */
  standing(policy: ThrottlePolicy, subject: string): Promise<Standing>
  /** Forgets all failures, after a proven reset; the only way out of `disabled`. */
  reset(tx: Tx, policy: ThrottlePolicy, subject: string): Promise<void>
}

/** What the throttle counts with. */
export interface ThrottleOptions {
  readonly db: Db
  readonly clock: Clock
  /** The ring's digest keys. */
  readonly digestKeys: KeySet<SecretKey>
}

const stateOf = (row: ThrottleCounterRow | undefined): ThrottleState =>
  row ? { consecutive: row.consecutive, recent: row.recent, notBefore: row.not_before } : NO_FAILURES

const columnsOf = ({ consecutive, recent, notBefore }: ThrottleState) => ({
  consecutive,
  recent,
  not_before: notBefore,
})

/** Makes the throttle of one process; all processes on one database share the counts. */
export function createThrottle({ db, clock, digestKeys }: ThrottleOptions): Throttle {
  const digest = createSubjectDigest(digestKeys)
  const keyOf = ({ scope }: ThrottlePolicy, subject: string) => ({ scope, subject: digest(scope, subject) })
  const locked = async (tx: Tx, key: ReturnType<typeof keyOf>) =>
    stateOf(await lockCounter.first(tx, { ...key, now: clock.now() }))

  const attempt: Throttle['attempt'] = async (tx, { policy, subject, look }) => {
    const key = keyOf(policy, subject)
    const before = await locked(tx, key)
    const now = clock.now()
    const isAllowed = standing(policy, before, now).kind === 'open'
    const success = isAllowed ? await look() : undefined
    const failed = isAllowed ? withFailure(policy, before, now) : before
    const after = success === undefined ? failed : withSuccess(policy, failed)
    // Note: a refusal writes as much as a failure, or the time would tell that somebody is locked out (C6).
    const isWritten = success === undefined || !isDeepStrictEqual(after, before)
    if (isWritten) await updateCounter(tx, key, columnsOf(after))
    return { success, isAllowed, standing: standing(policy, after, now) }
  }

  return {
    attempt,
    async take(policy, subject) {
      const look = async () => undefined
      return (await db.withSystem((tx) => attempt(tx, { policy, subject, look }))).isAllowed
    },
    async clear(tx, policy, subject) {
      const key = keyOf(policy, subject)
      await updateCounter(tx, key, columnsOf(withSuccess(policy, await locked(tx, key))))
    },
    async standing(policy, subject) {
      const row = await findCounter.first(db.asSystem(), keyOf(policy, subject))
      return standing(policy, stateOf(row), clock.now())
    },
    async reset(tx, policy, subject) {
      await deleteCounter.run(tx, keyOf(policy, subject))
    },
  }
}

/** Whose counters are cleaned. */
export interface ThrottleCleaningOptions {
  readonly db: Db
  readonly clock: Clock
  readonly policies: readonly ThrottlePolicy[]
}

/** Registers the daily job that forgets idle counters and ended windows; what is disabled stays as its policy says. */
export function cleanThrottle(jobs: Pick<Jobs, 'repeat'>, options: ThrottleCleaningOptions): void {
  const { db, clock, policies } = options
  jobs.repeat('throttle.clean', DAY, async () => {
    const now = clock.now()
    await db.withSystem(async (tx) => {
      for (const { scope, disableAfter, forgetAfterMs } of policies) {
        const before = new Date(now.getTime() - (forgetAfterMs ?? FORGET_AFTER_MS))
        const disabled_from = (forgetAfterMs === undefined ? disableAfter : undefined) ?? INTEGER_MAX
        await deleteIdleCounters.run(tx, { scope, before, disabled_from })
      }
      await deleteEndedWindows.run(tx, { now })
    })
  })
}
