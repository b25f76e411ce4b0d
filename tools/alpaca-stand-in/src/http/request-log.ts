import type { IncomingHttpHeaders } from 'node:http'
import { type EnvironmentName, fingerprintOf, holdsKey, withoutKeys } from './keys.ts'
import { decoded } from './read-value.ts'

/** One call, as far as it may be known: which headers came, whose key, and how it ended. Never a key. */
export type LogEntry = {
  number: number
  at: string
  environment: EnvironmentName
  /** `STREAM` for a message that authenticates on the stream. */
  method: string
  path: string
  /** Names of the query parameters, without their values. */
  query: string[]
  /** Names of the headers, without their values. */
  headers: string[]
  hasKeyId: boolean
  hasSecret: boolean
  keyFingerprint: string | null
  /** Where a key or secret stood besides its own header: `path`, `query`, `body`, `header NAME`. */
  keySeenIn: string[]
  fault: string | null
  /** The status that was sent, or a word: `never_answered`, `reset`, `authorized`, `unauthorized`. */
  outcome: number | string | null
}

export type RequestLog = {
  entries(): readonly LogEntry[]
  /** Resolves with the first entry, past or to come, whose outcome is known and that is wanted. */
  until(isWanted: (entry: LogEntry) => boolean): Promise<LogEntry>
  clear(): void
  begin(facts: Omit<LogEntry, 'number' | 'at' | 'fault' | 'outcome'>): OpenEntry
}

export type OpenEntry = { end(outcome: number | string, fault?: string): void }

type Received = { url: URL; headers: IncomingHttpHeaders; body: string }

const CAPACITY = 10_000
const KEY_HEADERS = ['apca-api-key-id', 'apca-api-secret-key']

/** Keeps the last ten thousand calls. */
export function createRequestLog(nowMs: () => number): RequestLog {
  const entries: LogEntry[] = []
  const waiting = new Set<(entry: LogEntry) => void>()
  let count = 0
  return {
    entries: () => entries,
    until(isWanted) {
      const known = entries.find((entry) => entry.outcome !== null && isWanted(entry))
      if (known) return Promise.resolve(known)
      return new Promise((resolve) => {
        const look = (entry: LogEntry) => {
          if (!isWanted(entry)) return
          waiting.delete(look)
          resolve(entry)
        }
        waiting.add(look)
      })
    },
    clear: () => void entries.splice(0),
    begin(facts) {
      count += 1
      const at = new Date(nowMs()).toISOString()
      const entry: LogEntry = { number: count, at, ...facts, fault: null, outcome: null }
      entries.push(entry)
      if (entries.length > CAPACITY) entries.shift()
      return {
        end(outcome, fault) {
          entry.outcome = outcome
          entry.fault = fault ?? null
          for (const look of [...waiting]) look(entry)
        },
      }
    },
  }
}

/** What may be kept of a request. */
export function factsOf(received: Received) {
  const { url, headers, body } = received
  const [keyId = '', secret = ''] = KEY_HEADERS.map((name) => String(headers[name] ?? ''))
  const presented = [keyId, secret]
  const otherHeaders = Object.entries(headers).filter(([name]) => !KEY_HEADERS.includes(name))
  const places: [string, string][] = [
    ['path', decoded(url.pathname)],
    ['query', decoded(url.search)],
    ['body', body],
    ...otherHeaders.map(([name, value]): [string, string] => [`header ${name}`, String(value)]),
  ]
  return {
    path: withoutKeys(decoded(url.pathname), presented),
    query: [...url.searchParams.keys()].map((name) => withoutKeys(name, presented)),
    headers: Object.keys(headers).toSorted(),
    hasKeyId: keyId !== '',
    hasSecret: secret !== '',
    keyFingerprint: keyId === '' ? null : fingerprintOf(keyId),
    keySeenIn: places.filter(([, text]) => holdsKey(text, presented)).map(([place]) => place),
  }
}
