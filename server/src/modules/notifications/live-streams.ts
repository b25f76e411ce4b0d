import { asError } from '../../platform/as-error.ts'
import { SECOND } from '../../platform/durations.ts'
import type { Logger } from '../../platform/log/logger.ts'
import type { Signals } from '../../platform/signals/signals.ts'

/**
 * How often it is asked whether the sessions of open streams still stand. Twice this is within the five seconds in which a
 * stream must end (C32, C34), also when the first answer does not come.
 */
const CHECK_MS = 2 * SECOND

/** A stream that a member has open. */
export interface MemberStream {
  readonly userId: string
  readonly sessionId: string
  readonly ended: AbortSignal
  credentialChanged(credentialId: string): void
  resync(): void
  /** Says that the session is over, and ends. */
  sessionEnded(): void
  end(): void
}

export interface LiveStreamsOptions {
  /** Knows which of these sessions let their member in at this moment. */
  readonly sessions: { whichAreOpen(sessionIds: readonly string[]): Promise<ReadonlySet<string>> }
  readonly signals: Pick<Signals, 'isLive'>
  readonly log: Pick<Logger, 'warn'>
}

/** The open streams of this process: hands each member's events to them, and ends those whose session has ended. */
export class LiveStreams {
  readonly #options: LiveStreamsOptions
  readonly #byUser = new Map<string, Set<MemberStream>>()
  /** Members who are looked at now; true when they are to be looked at once more. */
  readonly #looking = new Map<string, boolean>()
  #timer: NodeJS.Timeout | undefined
  #isChecking = false
  #mayHaveMissed = false

  constructor(options: LiveStreamsOptions) {
    this.#options = options
  }

  add(stream: MemberStream): void {
    const { userId, ended } = stream
    if (ended.aborted) return
    const own = this.#byUser.get(userId) ?? new Set()
    this.#byUser.set(userId, own.add(stream))
    ended.addEventListener('abort', () => this.#remove(stream), { once: true })
    this.#timer ??= setInterval(() => this.#tick(), CHECK_MS).unref()
    // Note: its session may have ended between the door and here.
    void this.#look(userId)
  }

  credentialChanged({ userId, credentialId }: { userId: string; credentialId: string }): void {
    for (const stream of this.#of(userId)) stream.credentialChanged(credentialId)
  }

  /** Something about a member has changed, perhaps that a session of theirs has ended. */
  memberChanged(userId: string): void {
    if (this.#byUser.has(userId)) void this.#look(userId)
  }

  /** Events may have been missed. Where every commit looks like that (SQLite), what was heard is still all there is. */
  gap(): void {
    if (this.#byUser.size > 0 && !this.#options.signals.isLive) this.#mayHaveMissed = true
  }

  #of(userId: string): readonly MemberStream[] {
    return [...(this.#byUser.get(userId) ?? [])]
  }

  #all(): readonly MemberStream[] {
    return [...this.#byUser.values()].flatMap((own) => [...own])
  }

  #remove(stream: MemberStream): void {
    const own = this.#byUser.get(stream.userId)
    own?.delete(stream)
    if (own?.size === 0) this.#byUser.delete(stream.userId)
    if (this.#byUser.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#mayHaveMissed = false
  }

  #tick(): void {
    if (this.#mayHaveMissed && this.#options.signals.isLive) {
      this.#mayHaveMissed = false
      for (const stream of this.#all()) stream.resync()
    }
    if (this.#isChecking) this.#endUnchecked(this.#all())
    else void this.#checkAll()
  }

  async #checkAll(): Promise<void> {
    this.#isChecking = true
    await this.#check(this.#all())
    this.#isChecking = false
  }

  /** Checks the streams of one member; once more when they change meanwhile, however often. */
  async #look(userId: string): Promise<void> {
    const isLooking = this.#looking.has(userId)
    this.#looking.set(userId, isLooking)
    if (isLooking) return
    do {
      this.#looking.set(userId, false)
      await this.#check(this.#of(userId))
    } while (this.#looking.get(userId))
    this.#looking.delete(userId)
  }

  async #check(streams: readonly MemberStream[]): Promise<void> {
    if (streams.length === 0) return
    try {
      const open = await this.#options.sessions.whichAreOpen(streams.map(({ sessionId }) => sessionId))
      for (const stream of streams) if (!open.has(stream.sessionId)) stream.sessionEnded()
    } catch (error) {
      this.#endUnchecked(streams, error)
    }
  }

  /** Nobody is told anything who cannot be looked at; their clients come back. */
  #endUnchecked(streams: readonly MemberStream[], error?: unknown): void {
    const err = error === undefined ? undefined : asError(error)
    this.#options.log.warn({ err }, 'The sessions of open streams could not be read; the streams were ended.')
    for (const stream of streams) stream.end()
  }
}
