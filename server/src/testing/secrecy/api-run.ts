import type { Place } from './places.ts'

/** What a request carries. A body that is a text goes out as it is. */
export interface Sent {
  readonly method?: string
  readonly token?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Whether the answer shows a secret on purpose. */
  readonly isSecret?: boolean
}

/** An answer of a server in another process; `status` is 0 when the connection broke. */
export interface Answered {
  readonly status: number
  readonly body: Record<string, unknown>
}

/** A run of requests against a server in another process, each under a name. */
export interface ApiRun {
  /** Every answer, with its headers, that was not meant to show a secret. */
  readonly answers: readonly Place[]
  /** How each request ended, by its name. */
  readonly endings: Readonly<Record<string, number>>
  /** Sends a request and notes how it ended. */
  ask(name: string, path: string, sent?: Sent): Promise<Answered>
}

/** Begins a run. */
export function apiRun(url: string): ApiRun {
  const answers: Place[] = []
  const endings: Record<string, number> = {}
  const ask: ApiRun['ask'] = async (name, path, sent = {}) => {
    const { method = 'GET', token, body, headers, isSecret } = sent
    try {
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      endings[name] = answer.status
      const text = await answer.text()
      const all = `${JSON.stringify([...answer.headers])}\n${text}`
      if (!isSecret) answers.push({ name: `the answer to ${name}`, bytes: Buffer.from(all) })
      const parsed: unknown = text.startsWith('{') ? JSON.parse(text) : {}
      return { status: answer.status, body: parsed as Record<string, unknown> }
    } catch {
      endings[name] ??= 0 // what was cut off keeps the status it began with
      return { status: 0, body: {} }
    }
  }
  return { answers, endings, ask }
}
