import { onSessionEnd } from './api.ts'

let memberId: string | undefined
let isEnded = false
const listeners = new Set<() => void>()

onSessionEnd(() => {
  if (memberId === undefined) return
  isEnded = true
  for (const listener of listeners) listener()
})

/** Whether a session that this page has seen open has ended; a store for React. */
export const sessionEnd = {
  /** Says whose session is open. False when this page has shown another member's: it must not go on for this one. */
  noteOpen(id: string): boolean {
    memberId ??= id
    return memberId === id
  },
  /** Says that this page has ended the session itself, tells so, and shows nothing of the member any more. */
  noteLeft(): void {
    memberId = undefined
  },
  /** Whether this page has seen a session that it does not know to be over. */
  isOpen: () => memberId !== undefined && !isEnded,
  isEnded: () => isEnded,
  subscribe(listener: () => void): () => void {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
}
