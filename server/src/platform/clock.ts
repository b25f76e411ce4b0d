/** Where the time comes from. Everything that asks for the time takes one, so that tests decide what time it is. */
export interface Clock {
  now(): Date
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => new Date() }
