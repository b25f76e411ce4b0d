/** How long what a request left behind may stay; the promise is 60 seconds, with room for a collection that comes late. */
const FORGET_MS = 20_000

/** Sees to it that texts of keys, which cannot be wiped, leave the memory soon after their use. */
export interface Forgetting {
  /** Keys were open just now. */
  note(): void
  stop(): void
}

interface ForgettingParts {
  /** Collects garbage; nothing where the process was not started with `--expose-gc`. */
  readonly collect: () => void
  readonly delayMs?: number
}

/** Collects garbage once for all that was noted within `delayMs`, and not at all while nothing is. */
export function createForgetting({ collect, delayMs = FORGET_MS }: ForgettingParts): Forgetting {
  let timer: NodeJS.Timeout | undefined
  return {
    note() {
      timer ??= setTimeout(() => {
        timer = undefined
        collect()
      }, delayMs).unref()
    },
    stop: () => clearTimeout(timer),
  }
}
