import { onSessionEnd } from './api.ts'
import { readMeAnew } from './me.ts'

/** What the server tells an open page; only hints of what to read again. */
const NAMES = [
  'session.ended', // here or elsewhere
  'credential.changed', // a broker key, or the choice of one
  'resync', // the connection was lost in between: anything may have changed
] as const

/** What is done when the server tells so. */
type LiveListeners = Readonly<Record<(typeof NAMES)[number], () => void>>

/** How long a stream that the server would not open waits before it is asked for again: twice as long each time. */
const AGAIN_MS = { first: 5_000, longest: 80_000 } as const

const isSeen = () => document.visibilityState === 'visible'

/**
 * Listens to the server for as long as somebody can see the page and its session is open. The browser connects again by
 * itself when the connection is lost; where it gives up, as while the server starts, this asks again. It says `resync` once
 * it is heard again. A page out of sight holds no connection: over HTTP/1.1 a browser has six for all pages of a site.
 * Returns what ends it for good, which the end of the session does too.
 */
export function listenToServer(on: LiveListeners): () => void {
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let waitMs: number = AGAIN_MS.first
  let isOver = false

  const open = () => {
    const opened = openSource(on)
    source = opened
    opened.addEventListener('open', () => {
      waitMs = AGAIN_MS.first
    })
    opened.addEventListener('error', () => {
      if (opened.readyState !== EventSource.CLOSED || source !== opened) return
      source = undefined
      wait()
    })
  }
  const isWanted = () => !isOver && source === undefined && isSeen()
  const wait = () => {
    clearTimeout(timer)
    if (!isWanted()) return
    timer = setTimeout(openAgain, waitMs)
    waitMs = Math.min(2 * waitMs, AGAIN_MS.longest)
  }
  // Note: asking who is signed in renews a session that is too old, and tells when it is over.
  const openAgain = () => {
    readMeAnew().then((me) => {
      if (me === null) end()
      if (!isWanted()) return
      open()
      source?.addEventListener('open', on.resync, { once: true })
    }, wait)
  }
  const release = () => {
    clearTimeout(timer)
    source?.close()
    source = undefined
  }
  const onVisibility = () => {
    if (!isSeen()) return release()
    clearTimeout(timer)
    if (isWanted()) openAgain()
  }
  const end = () => {
    isOver = true
    document.removeEventListener('visibilitychange', onVisibility)
    stopListening()
    release()
  }
  const stopListening = onSessionEnd(end)
  document.addEventListener('visibilitychange', onVisibility)
  if (isSeen()) open()
  return end
}

function openSource(on: LiveListeners): EventSource {
  const opened = new EventSource('/api/v1/notifications/stream')
  for (const name of NAMES) opened.addEventListener(name, on[name])
  return opened
}
