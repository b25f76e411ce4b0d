/**
 * Remembers what was proven about exact texts, at most `size` of them; what is used often stays. Only for conclusions that
 * stay true whatever happens later, such as "this signature is right"; never for whether something is still allowed.
 */
export interface VerifiedMemo<Value> {
  get(text: string): Value | undefined
  set(text: string, value: Value): void
  delete(text: string): void
}

interface Entry<Value> {
  readonly value: Value
  wasUsed: boolean
}

/** Makes an empty memo for at most `size` texts. */
export function createVerifiedMemo<Value>(size: number): VerifiedMemo<Value> {
  // Note: a Map keeps insertion order, and its first key has a second chance when it was used (the clock algorithm).
  // Moving a key at each look would cost a deletion and an insertion for every request.
  const entries = new Map<string, Entry<Value>>()
  const makeRoom = () => {
    for (const [oldest, entry] of entries) {
      if (entries.size <= size) return
      entries.delete(oldest)
      if (!entry.wasUsed) continue
      entry.wasUsed = false
      entries.set(oldest, entry)
    }
  }
  return {
    get(text) {
      const entry = entries.get(text)
      if (entry === undefined) return undefined
      entry.wasUsed = true
      return entry.value
    },
    set(text, value) {
      entries.delete(text)
      entries.set(text, { value, wasUsed: false })
      makeRoom()
    },
    delete(text) {
      entries.delete(text)
    },
  }
}
