import { onSessionEnd } from './api.ts'
import { readMeAnew } from './me.ts'

/** What the server tells an open page; only hints of what to read again. */
export interface LiveEvents {
  /** The session has ended, here or elsewhere. */
  'session.ended': Record<string, never>
  /** A broker key, or the choice of one, is not as it was. */
  'credential.changed': { readonly credential_id: string | null }
  /** The connection was lost in between: anything may have changed. */
  resync: Record<string, never>
}

type Listener<K extends keyof LiveEvents> = (event: LiveEvents[K]) => void

const NAMES = ['session.ended', 'credential.changed', 'resync'] as const

/** An open stream of events. */
export interface LiveStream {
  on<K extends keyof LiveEvents>(name: K, listener: Listener<K>): void
  close(): void
}

/** How long a stream that the server would not open waits before it is asked for again: twice as long each time. */
const AGAIN_MS = { first: 5_000, longest: 80_000 } as const

const isSeen = () => document.visibilityState === 'visible'

/**
 * Listens to the server for as long as somebody can see the page and its session is open. The browser connects again by
 * itself when the connection is lost; where it gives up, as while the server starts, this asks again. It says `resync` once
 * it is heard again. A page out of sight holds no connection: over HTTP/1.1 a browser has six for all pages of a site.
 */
export function openLiveStream(): LiveStream {
  const listeners = new Map<string, Array<(event: never) => void>>()
  const close = keepConnection((name, event) => {
    for (const listener of listeners.get(name) ?? []) listener(event as never)
  })
  return {
    on(name, listener) {
      listeners.set(name, [...(listeners.get(name) ?? []), listener])
    },
    close,
  }
}

/** Keeps a connection while the page is seen. Returns what ends it for good, which the end of the session does too. */
function keepConnection(tell: (name: string, event: unknown) => void): () => void {
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let waitMs: number = AGAIN_MS.first
  let isOver = false

  const open = () => {
    const opened = openSource(tell)
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
      source?.addEventListener('open', () => tell('resync', {}), { once: true })
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

function openSource(tell: (name: string, event: unknown) => void): EventSource {
  const opened = new EventSource('/api/v1/notifications/stream')
  for (const name of NAMES) {
    opened.addEventListener(name, ({ data }) => tell(name, data === '' ? {} : JSON.parse(data)))
  }
  return opened
}
