/** How a run is measured. `--quick` is for development; its figures are not worth keeping. */
export interface Settings {
  readonly isQuick: boolean
  /** Measurements of each contender, taken in turns. */
  readonly rounds: number
  /** The length of one measurement. */
  readonly sampleMs: number
}

/**
 * How long each contender works before it counts: until all is compiled that will be. The rate of a whole application still
 * rises after five seconds of 5,000 requests each, and its first second is a tenth of what it does later.
 */
export const WARM_UP_MS = 10_000

/** One table of the report. */
export interface Section {
  readonly title: string
  /** One sentence each: what was compared with what, and how. */
  readonly notes: readonly string[]
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/**
 * A file `<topic>.bench.ts` in this folder exports one as `topic`; `npm run bench -- --only <topic>` runs it alone.
 * `run` leaves no process and no file behind.
 */
export interface Topic {
  readonly title: string
  /** Where one operation takes long: other lengths or numbers of measurements than those of every topic. */
  readonly sampling?: (settings: Settings) => Settings
  /** How the report says in one sentence what was measured how often; unset: medians of runs in short turns. */
  readonly sampled?: (settings: Settings) => string
  run(settings: Settings): Promise<readonly Section[]>
}
