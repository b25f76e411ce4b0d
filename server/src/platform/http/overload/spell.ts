/** Notices what goes on for a while: again and again for so long, without a pause of that length. */
export class Spell {
  readonly #ms: number
  #fromMs = Number.NEGATIVE_INFINITY
  #lastMs = Number.NEGATIVE_INFINITY

  constructor(ms: number) {
    this.#ms = ms
  }

  get lastMs(): number {
    return this.#lastMs
  }

  /** To be called whenever it is seen; tells whether it has gone on for long enough. */
  note(nowMs: number): boolean {
    if (nowMs - this.#lastMs > this.#ms) this.#fromMs = nowMs
    this.#lastMs = nowMs
    return nowMs - this.#fromMs >= this.#ms
  }
}
