import { api, onSessionEnd } from './api.ts'

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

/** How long a stream that the server would not open waits before it is asked for again. */
const AGAIN_MS = 5_000

/**
 * Listens to the server for as long as the page is open. The browser connects again by itself when the connection is
 * lost; where it gives up, as while the server starts, this asks again, and says `resync` once it is heard.
 */
export function openLiveStream(): LiveStream {
  const listeners = new Map<string, Array<(event: never) => void>>()
  const tell = (name: string, event: unknown) => {
    for (const listener of listeners.get(name) ?? []) listener(event as never)
  }
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const open = (isAgain: boolean) => {
    const opened = new EventSource('/api/v1/notifications/stream')
    source = opened
    for (const name of NAMES) {
      opened.addEventListener(name, ({ data }) => tell(name, data === '' ? {} : JSON.parse(data)))
    }
    if (isAgain) opened.addEventListener('open', () => tell('resync', {}), { once: true })
    opened.addEventListener('error', () => {
      if (opened.readyState === EventSource.CLOSED) timer = setTimeout(openAgain, AGAIN_MS)
    })
  }
  let isClosed = false
  // Note: asking who is signed in renews a session that is too old, and tells when it is over.
  const openAgain = () =>
    void api
      .GET('/api/v1/auth/me')
      .catch(() => undefined)
      .then(() => isClosed || open(true))
  const close = () => {
    isClosed = true
    clearTimeout(timer)
    source?.close()
  }
  open(false)
  const stop = onSessionEnd(close)
  return {
    on(name, listener) {
      listeners.set(name, [...(listeners.get(name) ?? []), listener])
    },
    close() {
      stop()
      close()
    },
  }
}
