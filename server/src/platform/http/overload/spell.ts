/** What makes a spell, in milliseconds. */
export interface SpellLimits {
  /** How long it has to go on. */
  readonly lastsMs: number
  /** A pause longer than this ends it. */
  readonly pauseMs: number
}

/** Notices what goes on for a while: again and again, without a long pause. */
export class Spell {
  readonly #limits: SpellLimits
  #fromMs = Number.NEGATIVE_INFINITY
  #lastMs = Number.NEGATIVE_INFINITY

  constructor(limits: SpellLimits) {
    this.#limits = limits
  }

  get lastMs(): number {
    return this.#lastMs
  }

  /** To be called whenever it is seen; tells whether it has gone on for long enough. */
  note(nowMs: number): boolean {
    const { lastsMs, pauseMs } = this.#limits
    if (nowMs - this.#lastMs > pauseMs) this.#fromMs = nowMs
    this.#lastMs = nowMs
    return nowMs - this.#fromMs >= lastsMs
  }
}
