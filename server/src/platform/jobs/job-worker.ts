import type { Clock } from '../clock.ts'
import { createUuidv7 } from '../crypto/uuid.ts'
import type { Db } from '../db/index.ts'
import type { Logger } from '../log/logger.ts'
import { claimDueJobs, renewLease } from './job.store.ts'
import { type ClaimedJob, createAttempts } from './job-attempt.ts'
import type { JobHandlers } from './job-handlers.ts'

/** What a worker is made with. */
export interface JobWorkerOptions {
  readonly db: Db
  readonly clock: Clock
  readonly log: Pick<Logger, 'warn' | 'error'>
  readonly handlers: JobHandlers
  readonly random: () => number
  /** How many jobs run at once in this process. */
  readonly concurrency: number
  /** How long a job stays with a worker that gives no sign of life; must exceed the clocks' difference between nodes. */
  readonly leaseMs: number
  /** How often to look for work that another node added or whose time has come. */
  readonly pollMs: number
}

/** Claims due jobs and runs them. Between `start` and `stop` by itself, and whenever `settle` is called. */
export class JobWorker {
  readonly #options: JobWorkerOptions
  readonly #newToken: () => string
  readonly #attempt: (claimed: ClaimedJob) => Promise<void>
  readonly #running = new Map<ClaimedJob, Promise<void>>()
  #timers: NodeJS.Timeout[] = []
  #isStarted = false
  #filling: Promise<void> | undefined
  #wasWoken = false
  #isFailing = false

  constructor(options: JobWorkerOptions) {
    this.#options = options
    this.#newToken = createUuidv7(options.clock)
    this.#attempt = createAttempts(options)
  }

  start(): void {
    if (this.#isStarted) return
    this.#isStarted = true
    const { pollMs, leaseMs } = this.#options
    this.#timers = [
      setInterval(() => this.wake(), pollMs),
      setInterval(() => void this.renewLeases().catch((error: unknown) => this.#report(error)), leaseMs / 3),
    ]
    this.wake()
  }

  /** Looks for work soon, when started. Never throws. */
  wake(): void {
    if (!this.#isStarted) return
    this.#wasWoken = true
    this.#filling ??= this.#fill().finally(() => {
      this.#filling = undefined
      if (this.#wasWoken) this.wake()
    })
  }

  /** Takes no more work, waits up to `graceMs` for what runs, then aborts it; what ignores that is done again later. */
  async stop(graceMs: number): Promise<void> {
    this.#isStarted = false
    await this.#filling // what it has claimed is running then
    const ends = Promise.allSettled(this.#running.values())
    const { promise: timeout, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, graceMs)
    await Promise.race([ends, timeout])
    clearTimeout(timer)
    for (const { abort } of this.#running.keys()) abort.abort()
    for (const each of this.#timers) clearInterval(each)
    this.#timers = []
  }

  /** Runs everything that is due, and what that makes due, and says how many attempts it made. */
  async settle(): Promise<number> {
    let attempts = 0
    for (;;) {
      await Promise.all(this.#running.values())
      const claimed = await this.#claim(this.#options.concurrency)
      if (claimed.length === 0 && this.#running.size === 0) return attempts
      attempts += claimed.length
      await Promise.all(claimed.map((each) => this.#track(each)))
    }
  }

  /** Keeps the leases of running jobs, and aborts the jobs that have lost theirs. */
  async renewLeases(): Promise<void> {
    const claimed = [...this.#running.keys()]
    if (claimed.length === 0) return
    await this.#options.db.withSystem(async (tx) => {
      for (const { job, token, abort } of claimed) {
        const args = { id: job.id, token, leased_until: this.#leaseEnd() }
        if ((await renewLease.run(tx, args)) === 0 && this.#isRunning(token)) abort.abort()
      }
    })
  }

  #isRunning(token: string): boolean {
    return [...this.#running.keys()].some((claimed) => claimed.token === token)
  }

  #leaseEnd(): Date {
    return new Date(this.#options.clock.now().getTime() + this.#options.leaseMs)
  }

  async #claim(limit: number): Promise<ClaimedJob[]> {
    const { db, clock, handlers } = this.#options
    const { kinds } = handlers
    if (kinds.length === 0) return []
    const token = this.#newToken()
    const args = { kinds, token, limit, now: clock.now(), leased_until: this.#leaseEnd() }
    const jobs = await db.withSystem((tx) => claimDueJobs.all(tx, args))
    return jobs.flatMap((job) => {
      const handler = handlers.get(job.kind)
      return handler ? [{ job, token, handler, abort: new AbortController() }] : []
    })
  }

  #track(claimed: ClaimedJob): Promise<void> {
    const end = this.#attempt(claimed).finally(() => {
      this.#running.delete(claimed)
      this.wake()
    })
    this.#running.set(claimed, end)
    return end
  }

  /** Claims as long as there is room and work. One at a time: the claims of one process must not exceed its room. */
  async #fill(): Promise<void> {
    try {
      while (this.#wasWoken && this.#isStarted) {
        this.#wasWoken = false
        const room = this.#options.concurrency - this.#running.size
        if (room <= 0) break
        const claimed = await this.#claim(room)
        for (const each of claimed) void this.#track(each)
        this.#isFailing = false
      }
    } catch (error) {
      this.#report(error)
    }
  }

  /** Says once that the database fails, not at every poll. */
  #report(error: unknown): void {
    if (!this.#isFailing && error instanceof Error) {
      this.#options.log.error({ err: error }, 'Looking for jobs failed; the worker keeps trying.')
    }
    this.#isFailing = true
  }
}
