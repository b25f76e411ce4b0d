import { onSessionEnd } from './api.ts'

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

/** Listens to the server for as long as the page is open; the browser connects again by itself. */
export function openLiveStream(): LiveStream {
  const source = new EventSource('/api/v1/notifications/stream')
  const listeners = new Map<string, Array<(event: never) => void>>()
  for (const name of NAMES) {
    source.addEventListener(name, ({ data }) => {
      const event: unknown = data === '' ? {} : JSON.parse(data)
      for (const listener of listeners.get(name) ?? []) listener(event as never)
    })
  }
  const stop = onSessionEnd(() => source.close())
  return {
    on(name, listener) {
      listeners.set(name, [...(listeners.get(name) ?? []), listener])
    },
    close() {
      stop()
      source.close()
    },
  }
}
