import pg from 'pg'
import { connectionOf } from '../db/postgres/connection-of.ts'
import type { Remote } from './signals.ts'

const CHANNEL = 'outcry_signals'
const RECONNECT_MS = 1_000

interface Reactions {
  readonly emit: (topic: string, id: string) => void
  /** Notes may have been missed. */
  readonly onGap: () => void
}

/** The process of the server that a connection talks to, which the types do not know. */
function ownProcessId(client: pg.Client): unknown {
  return Reflect.get(client, 'processID')
}

/**
 * One connection that listens and notifies (PostgreSQL manual, NOTIFY). It reconnects by itself; between losing the old
 * one and listening on the new one it is not live.
 */
export function connectPostgresSignals(url: string, { emit, onGap }: Reactions): Remote {
  let client: pg.Client | undefined
  let isListening = false
  let isClosed = false
  let retry: NodeJS.Timeout | undefined

  const lose = (lost: pg.Client) => {
    if (client !== lost) return
    client = undefined
    isListening = false
    onGap()
    lost.end().catch(() => undefined)
    if (!isClosed) retry = setTimeout(connect, RECONNECT_MS).unref()
  }
  const listen = async (next: pg.Client) => {
    try {
      await next.connect()
      await next.query(`listen ${CHANNEL}`)
      onGap()
      isListening = client === next
    } catch {
      lose(next)
    }
  }
  const connect = () => {
    const next = new pg.Client({ ...connectionOf(url), keepAlive: true, pipeline: true })
    client = next
    next.on('error', () => lose(next))
    next.on('end', () => lose(next))
    next.on('notification', ({ payload = '', processId }) => {
      if (processId === ownProcessId(next)) return // heard when it was sent
      const at = payload.indexOf(' ')
      emit(payload.slice(0, at), payload.slice(at + 1))
    })
    void listen(next)
  }
  connect()

  return {
    isLive: () => isListening,
    send(topic, id) {
      const sender = client
      sender?.query('select pg_notify($1, $2)', [CHANNEL, `${topic} ${id}`]).catch(() => lose(sender))
    },
    async close() {
      isClosed = true
      clearTimeout(retry)
      const last = client
      client = undefined
      isListening = false
      await last?.end().catch(() => undefined)
    },
  }
}
