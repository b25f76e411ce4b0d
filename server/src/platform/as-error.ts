/** What was thrown, for the log; `undefined` for what is no error and says nothing there. */
export function asError(thrown: unknown): Error | undefined {
  return thrown instanceof Error ? thrown : undefined
}
