/** What was measured in the browser, a value for each round. */
export interface WebFigures {
  /** The browser's name and version. */
  readonly browser: string
  /** Milliseconds from opening the sign-in page until it is drawn and takes input, on a processor slowed down four times. */
  readonly signInMs: readonly number[]
  /** Milliseconds from choosing another credential until its figures are drawn. */
  readonly switchingMs: readonly number[]
  /** Milliseconds in which that credential's figures were answered by the server, the broker's double included. */
  readonly answerMs: readonly number[]
  /** The longest frame of each time that 500 positions were scrolled through, in milliseconds. */
  readonly longestFrameMs: readonly number[]
  /** The layout shift of every page, by width (web.dev/cls: what moved by itself, summed up). */
  readonly shifts: readonly { readonly path: string; readonly phone: number; readonly desk: number }[]
}
