import { onSessionEnd } from './api.ts'

let isEnded = false
const listeners = new Set<() => void>()

onSessionEnd(() => {
  isEnded = true
  for (const listener of listeners) listener()
})

/** Whether the session that this page was opened with has ended; a store for React. */
export const sessionEnd = {
  isEnded: () => isEnded,
  subscribe(listener: () => void): () => void {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
}
