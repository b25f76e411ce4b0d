import { readMeAnew } from './me.ts'
import { sessionEnd } from './session-end.ts'

/**
 * Reads anew who is signed in whenever somebody comes back to this tab or window: the session may have ended meanwhile,
 * or be another member's. Returns what stops it.
 */
export function watchMember(): () => void {
  const look = () => {
    if (document.visibilityState !== 'visible' || !sessionEnd.isOpen()) return
    // Note: a server that is away says nothing about the session; what it answers later does.
    readMeAnew().catch(() => undefined)
  }
  addEventListener('focus', look)
  document.addEventListener('visibilitychange', look)
  return () => {
    removeEventListener('focus', look)
    document.removeEventListener('visibilitychange', look)
  }
}
