/** What is asked of one kind, each in turns. */
export interface Kind {
  readonly name: string
  /** Of so many requests in all, this is one. */
  readonly share: number
  /** Whole requests, one byte a character. */
  readonly requests: readonly string[]
}

/** What the process that asks is told to do. */
export type Order =
  | { readonly do: 'prepare'; readonly kinds: readonly Kind[] }
  /** Each of so many connections sends its next request when it has its answer. */
  | { readonly do: 'closed'; readonly lanes: number; readonly ms: number }
  /** A request each time one is due, over whichever connection is free, whatever the answers take. */
  | { readonly do: 'open'; readonly lanes: number; readonly ms: number; readonly perSecond: number }

/** What became of one kind. Times are milliseconds from the first byte sent to the last byte received. */
export interface KindFigures {
  readonly name: string
  readonly sent: number
  readonly servedPerSecond: number
  readonly servedP99: number
  readonly shedPerSecond: number
  readonly shedP50: number
  readonly shedP99: number
}

export interface LoadFigures {
  readonly kinds: readonly KindFigures[]
  /** How many there were to send, and how many found a free connection, per second. */
  readonly duePerSecond: number
  readonly sentPerSecond: number
  /** Answers by their status; `0` for a connection that broke. */
  readonly statuses: Readonly<Record<string, number>>
  readonly servedPerSecond: number
  readonly shedPerSecond: number
  readonly shedP50: number
  readonly shedP99: number
}

export type Told = LoadFigures | { readonly ready: true } | { readonly error: string }
