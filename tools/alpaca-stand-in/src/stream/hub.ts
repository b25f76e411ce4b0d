import type { WebSocket } from 'ws'
import { withUnknownFields } from '../http/answer.ts'
import { digestOf, type EnvironmentName } from '../http/keys.ts'
import type { Settings } from '../market/market.ts'

export const DELIVERIES = ['normal', 'duplicate', 'hold'] as const

/** How events reach the readers: once, twice, or not before they are released. */
export type Delivery = (typeof DELIVERIES)[number]

/** Somebody who opened the stream. */
export type Reader = { socket: WebSocket; keyDigest: string | null; isListening: boolean }

/** The open connections of one environment's `/stream`. */
export type Hub = {
  readers: Set<Reader>
  delivery: Delivery
  /** Sends one message as this environment does: paper in binary frames (as JSON), live in text frames. */
  send(reader: Reader, message: unknown): void
  /** Tells an event to every connection of the key that listens. */
  publish(keyDigest: string, event: Record<string, unknown>): void
  /** Sends what was held back: in order, or the last one first. Returns how many events that were. */
  release(order: { isReversed: boolean }): number
  /** Cuts connections without a closing frame; of one key, or all. Returns how many. */
  drop(keyId?: string): number
  /** Says that something is wrong, as the vendor does before it closes, and closes. */
  fail(reader: Reader, message: string): void
  clear(): void
}

type Held = { keyDigest: string; event: Record<string, unknown> }

export function createHub(environment: EnvironmentName, settings: Settings): Hub {
  const readers = new Set<Reader>()
  let held: Held[] = []
  const send: Hub['send'] = ({ socket }, message) => {
    const text = JSON.stringify(settings.areUnknownFieldsAdded ? withUnknownFields(message) : message)
    socket.send(environment === 'paper' ? Buffer.from(text) : text, { binary: environment === 'paper' })
  }
  const tell = ({ keyDigest, event }: Held) => {
    for (const reader of readers) {
      if (reader.isListening && reader.keyDigest === keyDigest) {
        send(reader, { stream: 'trade_updates', data: event })
      }
    }
  }
  const drop: Hub['drop'] = (keyId) => {
    const digest = keyId === undefined ? undefined : digestOf(keyId)
    const wanted = [...readers].filter(({ keyDigest }) => digest === undefined || keyDigest === digest)
    for (const { socket } of wanted) socket.terminate()
    return wanted.length
  }
  const hub: Hub = {
    ...{ readers, delivery: 'normal', send, drop },
    publish(keyDigest, event) {
      if (hub.delivery === 'hold') held.push({ keyDigest, event })
      else tell({ keyDigest, event })
      if (hub.delivery === 'duplicate') tell({ keyDigest, event })
    },
    release({ isReversed }) {
      const due = isReversed ? held.toReversed() : held
      held = []
      due.forEach(tell)
      return due.length
    },
    fail(reader, message) {
      send(reader, { action: 'error', data: { error_message: message } })
      reader.socket.close()
    },
    clear() {
      hub.delivery = 'normal'
      held = []
      drop()
    },
  }
  return hub
}
