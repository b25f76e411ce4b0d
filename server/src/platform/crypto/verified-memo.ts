/**
 * Remembers what was proven about exact texts, the `size` most recently used of them. Only for conclusions that stay true
 * whatever happens later, such as "this signature is right"; never for whether something is still allowed.
 */
export interface VerifiedMemo<Value> {
  get(text: string): Value | undefined
  set(text: string, value: Value): void
  delete(text: string): void
}

/** Makes an empty memo for at most `size` texts. */
export function createVerifiedMemo<Value>(size: number): VerifiedMemo<Value> {
  const recent = new Map<string, Value>() // a Map keeps insertion order: the first key is the least recently used
  return {
    get(text) {
      const value = recent.get(text)
      if (value === undefined) return undefined
      recent.delete(text)
      recent.set(text, value)
      return value
    },
    set(text, value) {
      recent.delete(text)
      recent.set(text, value)
      for (const [oldest] of recent) {
        if (recent.size <= size) break
        recent.delete(oldest)
      }
    },
    delete(text) {
      recent.delete(text)
    },
  }
}
