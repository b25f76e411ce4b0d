import { onSessionEnd } from './api.ts'

let wasOpen = false
let isEnded = false
const listeners = new Set<() => void>()

onSessionEnd(() => {
  if (!wasOpen) return
  isEnded = true
  for (const listener of listeners) listener()
})

/** Whether a session that this page has seen open has ended; a store for React. */
export const sessionEnd = {
  /** Says that the session is open. */
  noteOpen(): void {
    wasOpen = true
  },
  isEnded: () => isEnded,
  subscribe(listener: () => void): () => void {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
}
